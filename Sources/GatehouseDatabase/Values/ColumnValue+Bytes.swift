public import FoundationEssentials

extension Data: ColumnValue {
    /// Bytes, as they are.
    public var sqlValue: SQLValue { .bytes(Array(self)) }

    /// Reads bytes; text of MySQL and SQLite as it is.
    /// - Throws: ``CellError`` if the value is `NULL` or neither bytes nor text.
    public init(_ cell: Cell) throws(CellError) {
        self.init(try cell.bytes())
    }
}

extension Cell {
    /// The bytes of a blob, or of PostgreSQL's text form of one.
    func bytes() throws(CellError) -> [UInt8] {
        switch storage {
        case .bytes(let bytes): Array(bytes)
        case .text(let text) where dialect == .postgreSQL || isElement: try ByteText.parse(text)
        case .text(let text): Array(text)
        case .null: throw .isNull
        case .integer, .unsigned, .real: throw CellError("is a number, and no bytes")
        }
    }
}

/// PostgreSQL's two text forms of bytes: `\x6162`, and `a\\b\000` of `bytea_output = escape`.
enum ByteText {
    static func parse(_ text: UnsafeBufferPointer<UInt8>) throws(CellError) -> [UInt8] {
        let backslash = UInt8(ascii: "\\")
        if text.count >= 2, text[0] == backslash, text[1] == UInt8(ascii: "x") { return try parseHexadecimal(text) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var position = 0
        while position < text.count {
            let byte = text[position]
            if byte != backslash {
                bytes.append(byte)
                position += 1
            } else if position + 1 < text.count, text[position + 1] == backslash {
                bytes.append(backslash)
                position += 2
            } else {
                guard let value = octal(text, position + 1) else { throw CellError("is no bytes") }
                bytes.append(value)
                position += 4
            }
        }
        return bytes
    }

    private static func parseHexadecimal(_ text: UnsafeBufferPointer<UInt8>) throws(CellError) -> [UInt8] {
        guard text.count.isMultiple(of: 2) else { throw CellError("is no bytes") }
        var isDigits = true
        let bytes = [UInt8](unsafeUninitializedCapacity: text.count / 2 - 1) { bytes, count in
            while count < text.count / 2 - 1 {
                guard let high = hexadecimalValue(text[2 * count + 2]), let low = hexadecimalValue(text[2 * count + 3])
                else {
                    isDigits = false
                    return
                }
                bytes.initializeElement(at: count, to: high << 4 | low)
                count += 1
            }
        }
        guard isDigits else { throw CellError("is no bytes") }
        return bytes
    }

    private static func octal(_ text: UnsafeBufferPointer<UInt8>, _ position: Int) -> UInt8? {
        guard position + 3 <= text.count else { return nil }
        var value = 0
        for byte in text[position..<(position + 3)] {
            guard byte & 0xf8 == 0x30 else { return nil }
            value = value << 3 | Int(byte & 7)
        }
        return UInt8(exactly: value)
    }
}

extension UUID: ColumnValue {
    /// The 36 characters, in small letters: PostgreSQL's `uuid`, `CHAR(36)` or `TEXT` elsewhere.
    public var sqlValue: SQLValue {
        var text: [UInt8] = []
        text.reserveCapacity(36)
        withUnsafeBytes(of: uuid) { bytes in
            for (index, byte) in bytes.enumerated() {
                if [4, 6, 8, 10].contains(index) { text.append(UInt8(ascii: "-")) }
                text.append(hexadecimal: byte)
            }
        }
        return .uuid(String(decoding: text, as: UTF8.self))
    }

    /// Reads the 36 characters, or 16 bytes of which the first is written first (big-endian, as in RFC 9562).
    /// - Throws: ``CellError`` if the value is `NULL` or anything else.
    public init(_ cell: Cell) throws(CellError) {
        var bytes: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        let isRead: Bool
        switch cell.storage {
        case .null: throw .isNull
        case .text(let text), .bytes(let text):
            if case .bytes = cell.storage, text.count == 16 {
                withUnsafeMutableBytes(of: &bytes) { $0.copyBytes(from: text) }
                isRead = true
            } else {
                isRead = withUnsafeMutableBytes(of: &bytes) { Self.read(text, into: $0) }
            }
        case .integer, .unsigned, .real: isRead = false
        }
        guard isRead else { throw CellError("is no UUID") }
        self.init(uuid: bytes)
    }

    private static func read(_ text: UnsafeBufferPointer<UInt8>, into bytes: UnsafeMutableRawBufferPointer) -> Bool {
        guard text.count == 36 else { return false }
        var position = 0
        for index in 0..<16 {
            if [4, 6, 8, 10].contains(index) {
                guard text[position] == UInt8(ascii: "-") else { return false }
                position += 1
            }
            guard let high = hexadecimalValue(text[position]), let low = hexadecimalValue(text[position + 1])
            else { return false }
            bytes[index] = high << 4 | low
            position += 2
        }
        return true
    }
}
