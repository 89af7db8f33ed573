/// Arrays as JSON documents, for databases that have none of their own. Bytes are text there: `"\\x6162"`.
enum JSONArray {
    static func append(_ values: [SQLValue], for dialect: Dialect, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "["))
        for (index, value) in values.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            switch value {
            case .null, .invalid: output += "null".utf8
            case .bool(let value): output += (value ? "true" : "false").utf8
            case .real(let value) where !value.isFinite: appendQuoted(.real(value), for: dialect, to: &output)
            case .integer, .unsigned, .real, .decimal, .json, .array, .list:
                value.appendText(for: dialect, to: &output)
            case .text, .instant, .uuid: appendQuoted(value, for: dialect, to: &output)
            case .bytes(let bytes): output.append(quotedHexadecimal: bytes)
            }
        }
        output.append(UInt8(ascii: "]"))
    }

    private static func appendQuoted(_ value: SQLValue, for dialect: Dialect, to output: inout [UInt8]) {
        var text: [UInt8] = []
        value.appendText(for: dialect, to: &text)
        output.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                output.append(UInt8(ascii: "\\"))
                output.append(byte)
            case 0..<0x20:
                output += "\\u00".utf8
                output.append(hexadecimal: byte)
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }

    /// Reads the elements of the outermost array: a text without its quotes and escapes, everything else as it stands.
    static func read(
        _ text: UnsafeBufferPointer<UInt8>, _ dialect: Dialect, _ take: (Cell) throws(CellError) -> Void
    ) throws(CellError) {
        var reader = Reader(text: text, dialect: dialect)
        try reader.read(take)
    }

    private static let malformed = CellError("is no JSON array")

    private struct Reader {
        let text: UnsafeBufferPointer<UInt8>
        let dialect: Dialect
        var position = 0

        mutating func read(_ take: (Cell) throws(CellError) -> Void) throws(CellError) {
            guard token() == UInt8(ascii: "[") else { throw malformed }
            position += 1
            if token() == UInt8(ascii: "]") {
                position += 1
            } else {
                repeat { try element(take) } while try isFollowed()
            }
            guard token() == nil else { throw malformed }
        }

        private mutating func isFollowed() throws(CellError) -> Bool {
            let byte = token()
            position += 1
            if byte == UInt8(ascii: ",") { return true }
            if byte == UInt8(ascii: "]") { return false }
            throw malformed
        }

        private mutating func element(_ take: (Cell) throws(CellError) -> Void) throws(CellError) {
            guard let first = token() else { throw malformed }
            if first == UInt8(ascii: "\"") {
                let start = position
                try skipText()
                let content = UnsafeBufferPointer(rebasing: text[(start + 1)..<(position - 1)])
                guard content.contains(UInt8(ascii: "\\")) else { return try take(cell(content)) }
                guard let plain = JSONText.unescaped(content) else { throw malformed }
                return try plain.withUnsafeBufferPointer { bytes throws(CellError) in try take(cell(bytes)) }
            }
            let start = position
            try skipValue()
            let value = UnsafeBufferPointer(rebasing: text[start..<position])
            let isNull = value.elementsEqual("null".utf8)
            try take(isNull ? Cell(.null, dialect, isElement: true) : cell(value))
        }

        private func cell(_ bytes: UnsafeBufferPointer<UInt8>) -> Cell {
            Cell(.text(bytes), dialect, isElement: true)
        }

        /// Goes behind a number, a word, an array or an object. Their own grammar is left to who reads the element.
        private mutating func skipValue() throws(CellError) {
            var depth = 0
            let start = position
            while position < text.count {
                switch text[position] {
                case UInt8(ascii: "\""):
                    guard depth > 0 else { throw malformed }
                    try skipText()
                    continue
                case UInt8(ascii: "["), UInt8(ascii: "{"):
                    guard depth > 0 || position == start else { throw malformed }
                    depth += 1
                case UInt8(ascii: "]"), UInt8(ascii: "}"):
                    if depth == 0 {
                        if position == start { throw malformed }
                        return
                    }
                    depth -= 1
                    if depth == 0 {
                        position += 1
                        return
                    }
                case UInt8(ascii: ","), 0x20, 0x09, 0x0a, 0x0d:
                    if depth == 0 {
                        if position == start { throw malformed }
                        return
                    }
                default: break
                }
                position += 1
            }
            throw malformed
        }

        /// Goes behind a text, from its first quote.
        private mutating func skipText() throws(CellError) {
            position += 1
            while position < text.count {
                let byte = text[position]
                position += byte == UInt8(ascii: "\\") ? 2 : 1
                if byte == UInt8(ascii: "\"") { return }
            }
            throw malformed
        }

        /// The next byte that is no blank, which stays the next.
        private mutating func token() -> UInt8? {
            while position < text.count, [0x20, 0x09, 0x0a, 0x0d].contains(text[position]) { position += 1 }
            return position < text.count ? text[position] : nil
        }
    }
}

/// The content of a JSON text, between its quotes.
enum JSONText {
    /// - Returns: `nil` if an escape is wrong.
    static func unescaped(_ content: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        var plain: [UInt8] = []
        plain.reserveCapacity(content.count)
        var position = 0
        while position < content.count {
            guard content[position] == UInt8(ascii: "\\") else {
                plain.append(content[position])
                position += 1
                continue
            }
            guard position + 1 < content.count else { return nil }
            let letter = content[position + 1]
            position += 2
            if letter == UInt8(ascii: "u") {
                guard let scalar = scalar(content, &position) else { return nil }
                plain += String(Character(scalar)).utf8
            } else {
                guard let byte = character(letter) else { return nil }
                plain.append(byte)
            }
        }
        return plain
    }

    private static func character(_ letter: UInt8) -> UInt8? {
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): letter
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0c
        case UInt8(ascii: "n"): 0x0a
        case UInt8(ascii: "r"): 0x0d
        case UInt8(ascii: "t"): 0x09
        default: nil
        }
    }

    /// The scalar of `\uXXXX`, whose digits begin at the position, or of two of them that are a surrogate pair.
    private static func scalar(_ content: UnsafeBufferPointer<UInt8>, _ position: inout Int) -> Unicode.Scalar? {
        guard let first = unit(content, &position) else { return nil }
        guard UTF16.isLeadSurrogate(first) else { return Unicode.Scalar(first) }
        guard position + 1 < content.count, content[position] == UInt8(ascii: "\\"),
            content[position + 1] == UInt8(ascii: "u")
        else { return nil }
        position += 2
        guard let second = unit(content, &position), UTF16.isTrailSurrogate(second) else { return nil }
        return UTF16.decode(UTF16.EncodedScalar([first, second]))
    }

    private static func unit(_ content: UnsafeBufferPointer<UInt8>, _ position: inout Int) -> UInt16? {
        guard position + 4 <= content.count else { return nil }
        var value: UInt16 = 0
        for digit in content[position..<(position + 4)] {
            guard let digit = hexadecimalValue(digit) else { return nil }
            value = value << 4 | UInt16(digit)
        }
        position += 4
        return value
    }
}
