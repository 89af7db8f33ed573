/// PostgreSQL's text form of an array: `{1,2,NULL}`, `{"a b","say \"c\""}`, `{{1,2},{3,4}}`, `[0:1]={1,2}`.
enum PostgreSQLArray {
    /// Appends an array with quotes around everything but numbers, truth values, `NULL` and nested arrays.
    static func append(_ values: [SQLValue], to output: inout [UInt8]) {
        output.append(UInt8(ascii: "{"))
        for (index, value) in values.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            switch value {
            case .null, .invalid: output += "NULL".utf8
            case .bool, .integer, .unsigned, .real, .decimal, .array, .list:
                value.appendText(for: .postgreSQL, to: &output)
            case .text, .instant, .uuid, .json: appendQuoted(value, to: &output)
            case .bytes(let bytes): output.append(quotedHexadecimal: bytes)
            }
        }
        output.append(UInt8(ascii: "}"))
    }

    private static func appendQuoted(_ value: SQLValue, to output: inout [UInt8]) {
        var text: [UInt8] = []
        value.appendText(for: .postgreSQL, to: &text)
        output.append(UInt8(ascii: "\""))
        for byte in text {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { output.append(UInt8(ascii: "\\")) }
            output.append(byte)
        }
        output.append(UInt8(ascii: "\""))
    }

    /// Reads the elements of the outermost array.
    /// - Parameter isNested: whether the elements are arrays themselves.
    static func read(
        _ text: UnsafeBufferPointer<UInt8>, isNested: Bool, _ take: (Cell) throws(CellError) -> Void
    ) throws(CellError) {
        var reader = Reader(text: text, isNested: isNested)
        try reader.read(take)
    }

    private static let malformed = CellError("is no array")

    private struct Reader {
        let text: UnsafeBufferPointer<UInt8>
        let isNested: Bool
        var position = 0
        var unquoted: [UInt8] = []

        mutating func read(_ take: (Cell) throws(CellError) -> Void) throws(CellError) {
            if text.first == UInt8(ascii: "[") {
                guard let equals = text.firstIndex(of: UInt8(ascii: "=")) else { throw malformed }
                position = equals + 1
            }
            guard next() == UInt8(ascii: "{") else { throw malformed }
            if peek() == UInt8(ascii: "}") {
                position += 1
            } else {
                repeat { try element(take) } while try isFollowed()
            }
            guard position == text.count else { throw malformed }
        }

        /// Whether another element follows.
        private mutating func isFollowed() throws(CellError) -> Bool {
            switch next() {
            case UInt8(ascii: ","): true
            case UInt8(ascii: "}"): false
            default: throw malformed
            }
        }

        private mutating func element(_ take: (Cell) throws(CellError) -> Void) throws(CellError) {
            switch peek() {
            case UInt8(ascii: "{"):
                guard isNested else { throw CellError("is an array of more dimensions than are asked for") }
                let start = position
                try skipNested()
                try take(cell(text[start..<position]))
            case _ where isNested: throw CellError("is an array of fewer dimensions than are asked for")
            case UInt8(ascii: "\""):
                try unquote()
                let element = unquoted
                try element.withUnsafeBufferPointer { bytes throws(CellError) in
                    try take(Cell(.text(bytes), .postgreSQL, isElement: true))
                }
            default:
                let start = position
                while let byte = peek(), byte != UInt8(ascii: ","), byte != UInt8(ascii: "}") {
                    guard ![UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "{")].contains(byte) else {
                        throw malformed
                    }
                    position += 1
                }
                guard position > start else { throw malformed }
                let bytes = text[start..<position]
                let isNull = bytes.count == 4 && zip(bytes, "null".utf8).allSatisfy { $0 | 0x20 == $1 }
                try take(isNull ? Cell(.null, .postgreSQL, isElement: true) : cell(bytes))
            }
        }

        private func cell(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Cell {
            Cell(.text(UnsafeBufferPointer(rebasing: bytes)), .postgreSQL, isElement: true)
        }

        /// Goes behind the array that begins here. Quoted braces do not count.
        private mutating func skipNested() throws(CellError) {
            var depth = 0
            repeat {
                guard let byte = peek() else { throw malformed }
                if byte == UInt8(ascii: "\"") {
                    try unquote()
                    continue
                }
                if byte == UInt8(ascii: "{") { depth += 1 }
                if byte == UInt8(ascii: "}") { depth -= 1 }
                position += 1
            } while depth > 0
        }

        private mutating func unquote() throws(CellError) {
            position += 1
            unquoted.removeAll(keepingCapacity: true)
            while let byte = next() {
                if byte == UInt8(ascii: "\"") { return }
                if byte == UInt8(ascii: "\\") {
                    guard let escaped = next() else { break }
                    unquoted.append(escaped)
                } else {
                    unquoted.append(byte)
                }
            }
            throw malformed
        }

        private func peek() -> UInt8? { position < text.count ? text[position] : nil }

        private mutating func next() -> UInt8? {
            guard position < text.count else { return nil }
            position += 1
            return text[position - 1]
        }
    }
}
