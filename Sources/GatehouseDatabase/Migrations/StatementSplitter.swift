/// Splits a file of SQL into its statements, as the database's own command-line client would: a semicolon in a text, a
/// comment, or the body of a function or trigger ends nothing.
package struct StatementSplitter {
    /// One statement and the line that it begins in.
    package struct Statement: Sendable, Equatable {
        package var text: String
        package var line: Int

        /// The first word, in capitals.
        var verb: String {
            String(text.prefix { $0.isASCII && $0.isLetter }).uppercased()
        }
    }

    private let bytes: [UInt8]
    private let dialect: Dialect
    private var position = 0
    private var line = 1
    /// Ends a statement; another one after MySQL's `DELIMITER`.
    private var delimiter: [UInt8] = [UInt8(ascii: ";")]

    // The statement that is being read.
    private var start: Int?
    private var startLine = 1
    /// The end of its last byte that is neither space nor comment.
    private var end = 0
    private var words = WordWatch()

    private init(_ text: String, _ dialect: Dialect) {
        bytes = Array(text.utf8)
        self.dialect = dialect
    }

    package static func statements(of text: String, for dialect: Dialect) -> [Statement] {
        var splitter = StatementSplitter(text, dialect)
        return splitter.split()
    }

    private mutating func split() -> [Statement] {
        var found: [Statement] = []
        while position < bytes.count {
            if skipComment() || skipSpace() { continue }
            if start == nil, dialect == .mySQL, takeDelimiter() { continue }
            if words.depth == 0, bytes[position...].starts(with: delimiter) {
                finish(&found)
                position += delimiter.count
                continue
            }
            if start == nil {
                start = position
                startLine = line
                words = WordWatch()
            }
            if !skipQuoted(), !takeWord() {
                words.takePunctuation()
                advance(1)
            }
            end = position
        }
        finish(&found)
        return found
    }

    private mutating func finish(_ found: inout [Statement]) {
        if let start {
            found.append(Statement(text: String(decoding: bytes[start..<end], as: UTF8.self), line: startLine))
        }
        start = nil
    }

    private mutating func advance(_ count: Int) {
        let next = min(position + count, bytes.count)
        line += bytes[position..<next].count { $0 == UInt8(ascii: "\n") }
        position = next
    }

    private func byte(_ offset: Int) -> UInt8? {
        position + offset < bytes.count ? bytes[position + offset] : nil
    }

    // MARK: Between statements

    private mutating func skipSpace() -> Bool {
        guard [9, 10, 11, 12, 13, 32].contains(bytes[position]) else { return false }
        advance(1)
        return true
    }

    private mutating func skipComment() -> Bool {
        switch (bytes[position], byte(1)) {
        case (UInt8(ascii: "-"), UInt8(ascii: "-")):
            // MySQL takes "--" for two signs if no space follows.
            if dialect == .mySQL, let next = byte(2), next > 32 { return false }
            skipLine()
        case (UInt8(ascii: "#"), _) where dialect == .mySQL: skipLine()
        case (UInt8(ascii: "/"), UInt8(ascii: "*")):
            // MySQL's comments of this form are executed.
            if dialect == .mySQL, byte(2) == UInt8(ascii: "!") { return false }
            skipBlockComment()
        default: return false
        }
        return true
    }

    private mutating func skipLine() {
        advance(bytes[position...].prefix { $0 != UInt8(ascii: "\n") }.count)
    }

    private mutating func skipBlockComment() {
        var depth = 0
        repeat {
            if byte(0) == UInt8(ascii: "/"), byte(1) == UInt8(ascii: "*") {
                // PostgreSQL's comments nest.
                if depth == 0 || dialect == .postgreSQL { depth += 1 }
                advance(2)
            } else if byte(0) == UInt8(ascii: "*"), byte(1) == UInt8(ascii: "/") {
                depth -= 1
                advance(2)
            } else {
                advance(1)
            }
        } while depth > 0 && position < bytes.count
    }

    /// MySQL's client command `DELIMITER //`, which dumps with triggers have.
    private mutating func takeDelimiter() -> Bool {
        let rest = bytes[position...].prefix { $0 != UInt8(ascii: "\n") }
        let parts = String(decoding: rest, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard parts.count == 2, parts[0].uppercased() == "DELIMITER" else { return false }
        delimiter = Array(parts[1].utf8)
        advance(rest.count)
        return true
    }

    // MARK: In a statement

    private mutating func skipQuoted() -> Bool {
        let quote = bytes[position]
        switch quote {
        case UInt8(ascii: "'"):
            let isEscaped = dialect == .mySQL || (dialect == .postgreSQL && words.lastWasEscapePrefix(at: position))
            skipToQuote(quote, escapes: isEscaped)
        case UInt8(ascii: "\""): skipToQuote(quote, escapes: dialect == .mySQL)
        case UInt8(ascii: "`") where dialect != .postgreSQL: skipToQuote(quote, escapes: false)
        case UInt8(ascii: "$") where dialect == .postgreSQL: return skipDollarQuoted()
        default: return false
        }
        return true
    }

    /// Goes behind the closing quote. A doubled one closes and opens again, which comes to the same.
    private mutating func skipToQuote(_ quote: UInt8, escapes: Bool) {
        advance(1)
        while let next = byte(0) {
            if escapes, next == UInt8(ascii: "\\") {
                advance(2)
                continue
            }
            advance(1)
            if next == quote { return }
        }
    }

    private mutating func skipDollarQuoted() -> Bool {
        let tag = bytes[(position + 1)...].prefix { WordWatch.isPartOfWord($0) && $0 != UInt8(ascii: "$") }
        let close = position + 1 + tag.count
        guard close < bytes.count, bytes[close] == UInt8(ascii: "$"), tag.first.map({ $0 < 48 || $0 > 57 }) ?? true
        else { return false }
        let mark = Array(bytes[position...close])
        advance(mark.count)
        while position < bytes.count, !bytes[position...].starts(with: mark) { advance(1) }
        advance(mark.count)
        return true
    }

    private mutating func takeWord() -> Bool {
        let word = bytes[position...].prefix { WordWatch.isPartOfWord($0) }
        guard !word.isEmpty else { return false }
        words.take(String(decoding: word, as: UTF8.self).uppercased(), endingAt: word.endIndex)
        advance(word.count)
        return true
    }
}

/// The words of one statement, as far as they tell whether a semicolon is inside the body of a function or trigger.
private struct WordWatch {
    /// `BEGIN` and `CASE` that have not ended.
    private(set) var depth = 0
    private var count = 0
    private var creates = false
    private var hasBody = false
    private var previous = ""
    private var previousEnd = -1

    static func isPartOfWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), 128...:
            true
        default: false
        }
    }

    /// Whether the text that begins at `position` is PostgreSQL's `E'…'`, in which a backslash escapes.
    func lastWasEscapePrefix(at position: Int) -> Bool { previous == "E" && previousEnd == position }

    mutating func takePunctuation() { previous = "" }

    mutating func take(_ word: String, endingAt end: Int) {
        count += 1
        if count == 1 { creates = word == "CREATE" }
        if creates, ["TRIGGER", "FUNCTION", "PROCEDURE", "EVENT"].contains(word) { hasBody = true }
        if hasBody {
            switch word {
            case "BEGIN": depth += 1
            case "CASE": if previous != "END" { depth += 1 }
            // MySQL's END IF and its like close what was not counted.
            case "IF", "LOOP", "WHILE", "REPEAT", "FOR": if previous == "END" { depth += 1 }
            case "END": depth = max(0, depth - 1)
            default: break
            }
        }
        previous = word
        previousEnd = end
    }
}
