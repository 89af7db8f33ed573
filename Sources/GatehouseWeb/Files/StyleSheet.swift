/// The references of a style sheet to other files: `url(…)` and `@import` (CSS Syntax, section 4.3).
struct StyleSheet {
    /// One reference. What has a scheme or a host, is a fragment alone, or begins at the root, is none.
    struct Reference {
        /// The bytes of the reference in the text, without quotes.
        var range: Range<Int>
        /// The text up to its query or fragment.
        var path: String
        /// The query and fragment: `?#iefix`.
        var suffix: String
    }

    private let bytes: [UInt8]
    private(set) var references: [Reference] = []
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        while position < bytes.count { step() }
    }

    /// `12:8`, counted from 1, in bytes.
    func place(of reference: Reference) -> String {
        let before = bytes[..<reference.range.lowerBound]
        let line = before.count { $0 == 10 } + 1
        let column = reference.range.lowerBound - (before.lastIndex(of: 10) ?? -1)
        return "\(line):\(column)"
    }

    /// The text with other references.
    func replacing(_ replacement: (Reference) throws(AssetError) -> String) throws(AssetError) -> [UInt8] {
        var text: [UInt8] = []
        var end = 0
        for reference in references {
            text += bytes[end..<reference.range.lowerBound]
            text += try replacement(reference).utf8
            end = reference.range.upperBound
        }
        return text + bytes[end...]
    }

    private mutating func step() {
        let byte = bytes[position]
        if byte == UInt8(ascii: "/"), starts(with: "/*") {
            skipComment()
        } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
            _ = string()
        } else if starts(with: "@import") {
            position += 7
            skipBlanks()
            if position < bytes.count, bytes[position] == 0x22 || bytes[position] == 0x27 { add(string()) }
        } else if starts(with: "url("), position == 0 || !Self.isNameByte(bytes[position - 1]) {
            position += 4
            address()
        } else {
            position += 1
        }
    }

    private func starts(with text: StaticString) -> Bool {
        guard bytes.count - position >= text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { text in
            text.indices.allSatisfy { index in
                let byte = bytes[position + index]
                return (0x41...0x5A).contains(byte) ? byte | 0x20 == text[index] : byte == text[index]
            }
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        byte >= 0x80 || byte == 0x2D || byte == 0x5F || (0x30...0x39).contains(byte)
            || (0x41...0x5A).contains(byte & 0xDF)
    }

    private mutating func skipComment() {
        position += 2
        while position < bytes.count, !starts(with: "*/") { position += 1 }
        position = min(position + 2, bytes.count)
    }

    private mutating func skipBlanks() {
        while position < bytes.count {
            if starts(with: "/*") {
                skipComment()
            } else if [32, 9, 10, 12, 13].contains(bytes[position]) {
                position += 1
            } else {
                return
            }
        }
    }

    /// Reads a string from its quote on.
    /// - Returns: its content; `nil` if it does not end on its line.
    private mutating func string() -> Range<Int>? {
        let quote = bytes[position]
        position += 1
        let start = position
        while position < bytes.count, bytes[position] != 10 {
            if bytes[position] == quote {
                position += 1
                return start..<(position - 1)
            }
            position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        position = min(position, bytes.count)
        return nil
    }

    /// Reads what stands between the parentheses of `url(…)`.
    private mutating func address() {
        while position < bytes.count, [32, 9, 10, 12, 13].contains(bytes[position]) { position += 1 }
        guard position < bytes.count else { return }
        if bytes[position] == 0x22 || bytes[position] == 0x27 { return add(string()) }
        let start = position
        while position < bytes.count, ![UInt8(ascii: ")"), 32, 9, 10, 12, 13].contains(bytes[position]) {
            position += 1
        }
        add(start..<position)
    }

    private mutating func add(_ range: Range<Int>?) {
        guard let range, !range.isEmpty, !bytes[range].contains(UInt8(ascii: "\\")) else { return }
        let text = String(decoding: bytes[range], as: UTF8.self)
        let end = text.utf8.firstIndex { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") } ?? text.endIndex
        let path = String(text[..<end])
        // A colon before any slash ends a scheme.
        let first = path.utf8.first { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "/") }
        guard !path.isEmpty, !path.hasPrefix("/"), first != UInt8(ascii: ":") else { return }
        references.append(Reference(range: range, path: path, suffix: String(text[end...])))
    }
}
