/// Bytes to lines. A line that is longer than the limit is cut into several, and none is lost at the end.
struct LineReader {
    private var pending: [UInt8] = []
    private let longest: Int

    init(longest: Int) { self.longest = longest }

    mutating func receive(_ bytes: some Sequence<UInt8>) { pending.append(contentsOf: bytes) }

    /// The next whole line, without its end; `nil` means that more bytes are needed.
    mutating func next() -> [UInt8]? {
        let end = pending.prefix(longest).firstIndex(of: UInt8(ascii: "\n"))
        if let end {
            defer { pending.removeSubrange(...end) }
            return Array(pending[..<end])
        }
        guard pending.count >= longest else { return nil }
        defer { pending.removeFirst(longest) }
        return Array(pending.prefix(longest))
    }

    /// What was not ended by a line's end.
    mutating func rest() -> [UInt8]? {
        defer { pending = [] }
        return pending.isEmpty ? nil : pending
    }
}
