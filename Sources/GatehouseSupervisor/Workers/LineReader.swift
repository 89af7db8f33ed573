/// Bytes to lines. A line that is longer than the limit is cut into several, and none is lost at the end.
struct LineReader {
    private var pending: [UInt8] = []
    /// Where in `pending` the next line begins. What lies before it is removed seldom, or many short lines would be
    /// moved about again and again.
    private var start = 0
    private let longest: Int

    init(longest: Int) { self.longest = longest }

    mutating func receive(_ bytes: some Sequence<UInt8>) {
        pending.removeFirst(start)
        start = 0
        pending.append(contentsOf: bytes)
    }

    /// The next whole line, without its end; `nil` means that more bytes are needed.
    mutating func next() -> [UInt8]? {
        let piece = pending[start...].prefix(longest)
        if let end = piece.firstIndex(of: UInt8(ascii: "\n")) {
            defer { start = end + 1 }
            return Array(piece[..<end])
        }
        guard piece.count == longest else { return nil }
        start += longest
        return Array(piece)
    }

    /// What was not ended by a line's end.
    mutating func rest() -> [UInt8]? {
        defer {
            pending = []
            start = 0
        }
        return start == pending.count ? nil : Array(pending[start...])
    }
}
