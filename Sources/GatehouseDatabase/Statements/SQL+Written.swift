extension SQL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The statement in one line for people: `?` for a value, `(?)` for a list, and no value. At most 1,000 characters.
    package var written: String {
        var line: [UInt8] = []
        var isBlank = true
        text.bytes.withUnsafeBufferPointer { bytes in
            var position = 0
            while position < bytes.count, line.count < 4_000 {
                let byte = bytes[position]
                position += 1
                if byte == 0x20 || (0x09...0x0d).contains(byte) {
                    if !isBlank { line.append(0x20) }
                    isBlank = true
                    continue
                }
                isBlank = false
                switch byte {
                case Mark.value: line.append(UInt8(ascii: "?"))
                case Mark.identifier: line.append(UInt8(ascii: "\""))
                case Mark.list:
                    let end = bytes[position...].firstIndex(of: byte) ?? position - 1
                    position = end + 1
                    line += Array("(?)".utf8)
                default: line.append(byte < 0x20 || byte == 0x7f ? UInt8(ascii: ".") : byte)
                }
            }
        }
        if isBlank, !line.isEmpty { line.removeLast() }
        let whole = String(decoding: line, as: UTF8.self)
        let short = whole.prefix(1_000)
        return short.endIndex == whole.endIndex ? whole : "\(short)…"
    }

    /// The statement without its values.
    public var description: String { written }

    /// The statement without its values.
    public var debugDescription: String { written }

    /// A mirror without children, so that `dump` prints no value.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension SQL {
    /// Joins two statements' texts and values. Blanks between them belong to the texts.
    public static func + (left: SQL, right: SQL) -> SQL {
        var sum = left
        sum += right
        return sum
    }

    /// Appends another statement's text and values, as it stands.
    ///
    /// ```swift
    /// var sql: SQL = "SELECT id, title FROM note WHERE owner = \(owner)"
    /// if let word { sql += " AND title LIKE \("%\(word)%")" }
    /// ```
    public static func += (left: inout SQL, right: SQL) {
        left.text.append(right.text)
        left.values += right.values
        if right.isBroken { left.isBroken = true }
    }
}

extension Sequence<SQL> {
    /// Joins statements, with another one between each two: conditions with `" AND "`, columns with `", "`. Empty if
    /// there is none.
    public func joined(separator: SQL) -> SQL {
        var whole: SQL = ""
        for (index, part) in enumerated() {
            if index > 0 { whole += separator }
            whole += part
        }
        return whole
    }
}
