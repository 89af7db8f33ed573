/// The little that must be known of a statement's text. Read once, when the statement is prepared.
struct MySQLStatementText: Equatable {
    /// Whether it may leave something in the session: variables, temporary tables, locks, another database.
    private(set) var taints = false
    /// Whether it only reads, so that running it twice is running it once.
    private(set) var isRead = false

    /// Whether it controls transactions or the session, or changes tables: sent as it is, since such a statement has no
    /// values, and preparing it is a way more or impossible.
    private(set) var isControl = false

    /// Reads a statement in MySQL's words. What is not understood counts as leaving something.
    init(_ text: String) {
        var words = Words(text)
        let first = words.next() ?? ""
        isRead = MySQLStatementText.reading.contains(first)
        isControl = MySQLStatementText.controlling.contains(first)
        var second: String?
        var hasTemporary = false
        while let word = words.next() {
            if second == nil { second = word }
            if word == "TEMPORARY" { hasTemporary = true }
            if MySQLStatementText.taintingAnywhere.contains(word) { taints = true }
            if word == "UPDATE" || word == "DELETE" || word == "INTO" || word == "SHARE" { isRead = false }
        }
        switch first {
        case "SET": taints = taints || !["TRANSACTION", "STATEMENT", "PASSWORD"].contains(second ?? "")
        case "CREATE": taints = taints || hasTemporary
        default: taints = taints || MySQLStatementText.tainting.contains(first)
        }
        if words.hasVariable || words.hasHiddenCode { taints = true }
    }

    private static let reading: Set<String> = [
        "SELECT", "WITH", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "TABLE", "VALUES",
    ]
    private static let controlling: Set<String> = [
        "BEGIN", "START", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SET", "USE", "LOCK", "UNLOCK", "CREATE",
        "ALTER",
        "DROP", "TRUNCATE", "RENAME", "GRANT", "REVOKE", "FLUSH", "XA", "KILL", "PREPARE", "DEALLOCATE", "HANDLER",
    ]
    /// First words. A procedure may do anything; `XA` and `HANDLER` stay open.
    private static let tainting: Set<String> = [
        "USE", "LOCK", "UNLOCK", "PREPARE", "EXECUTE", "DEALLOCATE", "HANDLER", "CALL", "XA", "FLUSH",
    ]
    private static let taintingAnywhere: Set<String> = ["GET_LOCK", "SQL_CALC_FOUND_ROWS"]

    /// The words of a statement in capitals, without what is quoted or a comment.
    private struct Words {
        private var rest: Substring.UTF8View.SubSequence
        /// `@name`, which may be set; `@@name` is only read, unless after `SET`.
        private(set) var hasVariable = false
        /// `/*! … */`, which MySQL carries out.
        private(set) var hasHiddenCode = false

        init(_ text: String) { rest = Substring(text).utf8[...] }

        mutating func next() -> String? {
            while let byte = rest.first {
                if Words.isWord(byte) {
                    let word = rest.prefix(while: Words.isWord)
                    rest = rest.dropFirst(word.count)
                    return String(decoding: word, as: UTF8.self).uppercased()
                }
                rest = rest.dropFirst()
                switch byte {
                case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"): skipQuoted(byte)
                case UInt8(ascii: "@"):
                    if rest.first == UInt8(ascii: "@") { rest = rest.dropFirst() } else { hasVariable = true }
                case UInt8(ascii: "#"): skipLine()
                case UInt8(ascii: "-") where Words.beginsComment(rest): skipLine()
                case UInt8(ascii: "/") where rest.first == UInt8(ascii: "*"): skipComment()
                default: break
                }
            }
            return nil
        }

        private mutating func skipQuoted(_ quote: UInt8) {
            while let byte = rest.popFirst() {
                if byte == quote { return }
                if byte == UInt8(ascii: "\\"), quote != UInt8(ascii: "`") { rest = rest.dropFirst() }
            }
        }

        private mutating func skipLine() { rest = rest.drop { $0 != UInt8(ascii: "\n") } }

        private mutating func skipComment() {
            rest = rest.dropFirst()
            if rest.first == UInt8(ascii: "!") || rest.first == UInt8(ascii: "M") { hasHiddenCode = true }
            var previous: UInt8 = 0
            while let byte = rest.popFirst() {
                if previous == UInt8(ascii: "*"), byte == UInt8(ascii: "/") { return }
                previous = byte
            }
        }

        /// Whether what follows a `-` makes it a comment: `--` alone is twice a minus.
        private static func beginsComment(_ rest: Substring.UTF8View.SubSequence) -> Bool {
            guard rest.first == UInt8(ascii: "-") else { return false }
            return rest.dropFirst().first.map { $0 <= 0x20 } ?? true
        }

        private static func isWord(_ byte: UInt8) -> Bool {
            byte >= 0x80 || byte == UInt8(ascii: "_") || byte.isASCIILetterOrDigit
        }
    }
}
