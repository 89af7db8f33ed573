/// A statement in the words of one dialect.
package struct RenderedSQL: Sendable, Equatable {
    /// The text that is prepared.
    package var text: String
    /// The number of its placeholders: as many as ``SQL/flatValues(for:)`` has values.
    package var parameters: Int

    package init(_ text: String, parameters: Int) {
        self.text = text
        self.parameters = parameters
    }

    /// The error of a statement whose placeholders, as the server or the library counts them, are not as many as its
    /// values: SQLite would take the missing ones for `NULL`.
    package static func mismatch(expected: Int, _ statement: SQL) -> DatabaseError {
        DatabaseError(
            .usage,
            "the statement has \(expected) placeholders for its values, and \(statement.values.count) values are "
                + "interpolated: do not interpolate between quotes or in a comment, and write no ? or $1 by hand",
            statement: statement.written)
    }
}

extension SQL {
    /// The statement's text for a dialect: needed only if the statement is not prepared yet.
    /// - Throws: `.usage` if a list does not follow `IN`, if an array does, or if the text cannot be sent.
    package func rendered(for dialect: Dialect) throws(DatabaseError) -> RenderedSQL {
        if isBroken { throw broken() }
        var renderer = Renderer(dialect: dialect, values: values)
        let isWhole = text.bytes.withUnsafeBufferPointer { renderer.render($0) }
        guard isWhole, renderer.marks == values.count else { throw broken() }
        if renderer.hasStrayList {
            throw DatabaseError(
                .usage, "an interpolated (list: …) is the right side of IN or NOT IN, and follows one of these",
                statement: written)
        }
        if renderer.hasParentheses {
            // A backslash would be two in the log.
            throw DatabaseError(
                .usage,
                "the values of IN are interpolated as (list: …) right behind IN, without parentheses around it",
                statement: written)
        }
        return RenderedSQL(String(decoding: renderer.output, as: UTF8.self), parameters: renderer.parameters)
    }

    func broken() -> DatabaseError {
        DatabaseError(
            .usage, "a text or an identifier of the statement is empty or has a control character (U+0000 to U+0003)",
            statement: written)
    }

    /// The places of a list with so many elements: the next power of two, so that lists of a thousand lengths are a
    /// dozen prepared statements. The last element is repeated, which changes neither `IN` nor `NOT IN`. A long list is
    /// left alone: it would come over a server's limit for parameters.
    static func paddedCount(_ count: Int) -> Int {
        guard count > 2, count <= 16_384 else { return count }
        return 1 << (Int.bitWidth - (count - 1).leadingZeroBitCount)
    }
}

/// Writes a statement's text for a dialect, byte by byte.
private struct Renderer {
    let dialect: Dialect
    let values: [SQLValue]
    var output: [UInt8] = []
    /// The bound values so far; a list is one.
    var marks = 0
    /// The placeholders so far.
    var parameters = 0
    var hasStrayList = false
    /// Whether a list, or an array alone, stands in parentheses behind `IN`: an array is one value there, and on SQLite
    /// and MySQL no row would equal it.
    var hasParentheses = false

    init(dialect: Dialect, values: [SQLValue]) {
        self.dialect = dialect
        self.values = values
    }

    /// - Returns: whether every mark has its end, and nothing is U+0000.
    mutating func render(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        output.reserveCapacity(text.count + 16)
        var position = 0
        while position < text.count {
            let byte = text[position]
            position += 1
            switch byte {
            case 0: return false
            case SQL.Mark.value:
                if marks < values.count, case .array = values[marks], isAfterOpenIn,
                    text[position...].first(where: { !$0.isASCIIBlank }) == UInt8(ascii: ")")
                {
                    hasParentheses = true
                }
                marks += 1
                appendPlaceholder()
            case SQL.Mark.identifier, SQL.Mark.list:
                guard let end = text[position...].firstIndex(of: byte), end > position else { return false }
                let content = text[position..<end]
                position = end + 1
                if byte == SQL.Mark.identifier {
                    appendIdentifier(content)
                } else {
                    guard let count = number(content) else { return false }
                    marks += 1
                    appendList(count)
                }
            default: output.append(byte)
            }
        }
        return true
    }

    private func number(_ digits: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
        guard digits.count <= 9 else { return nil }
        var value = 0
        for digit in digits {
            guard digit >= 0x30, digit <= 0x39 else { return nil }
            value = value * 10 + Int(digit & 15)
        }
        return value
    }

    private mutating func append(_ text: String) { output.append(contentsOf: text.utf8) }

    private mutating func appendPlaceholder() {
        parameters += 1
        append(dialect == .postgreSQL ? "$\(parameters)" : "?")
    }

    private mutating func appendIdentifier(_ name: Slice<UnsafeBufferPointer<UInt8>>) {
        let quote = dialect.identifierQuote
        output.append(quote)
        for byte in name {
            if byte == quote { output.append(quote) }
            output.append(byte)
        }
        output.append(quote)
    }

    private mutating func appendList(_ count: Int) {
        let inAt = wordAtEnd("in", of: output.count)
        guard let inAt else {
            if isAfterOpenIn { hasParentheses = true } else { hasStrayList = true }
            return
        }
        switch dialect {
        case .postgreSQL:
            // `IN` with an array has no meaning there, and `= ANY` has one for the empty list, too.
            let notAt = wordAtEnd("not", of: inAt)
            output.removeSubrange((notAt ?? inAt)...)
            append(notAt == nil ? "= ANY(" : "<> ALL(")
            appendPlaceholder()
            append(")")
        case .mySQL where count == 0: append("(SELECT 1 FROM DUAL WHERE FALSE)")
        case .mySQL, .sqlite:
            append("(")
            for index in 0..<count {
                if index > 0 { append(", ") }
                appendPlaceholder()
            }
            append(")")
        }
    }

    /// Whether the output ends with `IN (`.
    private var isAfterOpenIn: Bool {
        guard let last = output.lastIndex(where: { !$0.isASCIIBlank }), output[last] == UInt8(ascii: "(") else {
            return false
        }
        return wordAtEnd("in", of: last) != nil
    }

    /// The place of a word in small letters, as the last of the output's first `end` bytes, blanks aside.
    private func wordAtEnd(_ word: String, of end: Int) -> Int? {
        var end = end
        while end > 0, output[end - 1].isASCIIBlank { end -= 1 }
        let start = end - word.utf8.count
        guard start >= 0, zip(output[start..<end], word.utf8).allSatisfy({ $0 | 0x20 == $1 }) else { return nil }
        guard start > 0 else { return start }
        let before = output[start - 1]
        let isWordByte = before >= 0x80 || before == 0x5f || before == 0x24 || before.isASCIILetterOrDigit
        return isWordByte ? nil : start
    }
}

extension Dialect {
    /// The quote around identifiers, doubled inside of them.
    var identifierQuote: UInt8 { self == .mySQL ? UInt8(ascii: "`") : UInt8(ascii: "\"") }
}

extension UInt8 {
    var isASCIIDigit: Bool { self &- 0x30 < 10 }

    var isASCIIBlank: Bool { self == 0x20 || self &- 0x09 < 5 }

    var isASCIILetterOrDigit: Bool { isASCIIDigit || (self | 0x20) &- 0x61 < 26 }
}
