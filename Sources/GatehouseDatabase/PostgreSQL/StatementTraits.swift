/// The properties of a PostgreSQL statement that its text shows. Where the text leaves a doubt, the answer is the one
/// that costs a connection and not the one that surprises the connection's next user.
struct StatementTraits: Equatable {
    /// Whether it changes the session for the statements after it: settings, temporary tables, channels, locks.
    private(set) var taints = false
    /// Whether it is `COPY` from or to the client.
    private(set) var copies = false
    /// Whether it removes prepared statements.
    private(set) var forgetsStatements = false
    /// Whether it only reads, so that nothing is lost by ending it early. The functions that it calls are taken to.
    private(set) var isRead = false
    /// The most rows of its result, if its text ends in a limit.
    let rowLimit: RowLimit?

    init(_ sql: String) {
        rowLimit = RowLimit(sql)
        let words = Self.words(sql)
        guard let first = words.first else { return }
        let second = words.count > 1 ? words[1] : ""
        switch first {
        case "set": taints = !["local", "transaction", "constraints"].contains(second)
        case "prepare": taints = second != "transaction"
        case "deallocate", "discard":
            taints = true
            forgetsStatements = true
        case "reset", "listen", "load", "do": taints = true
        case "declare": taints = words.contains("hold")
        case "copy": copies = words.contains { $0 == "stdin" || $0 == "stdout" }
        default: break
        }
        if !taints { taints = Self.hasTaintingWord(words, sql) }
        isRead = Self.isRead(first, words)
    }

    private static func isRead(_ first: Substring, _ words: [Substring]) -> Bool {
        switch first {
        case "select": !words.contains("into")
        case "values", "table", "show": true
        case "with": !words.contains { ["insert", "update", "delete", "merge", "into"].contains($0) }
        default: false
        }
    }

    private static func hasTaintingWord(_ words: [Substring], _ sql: String) -> Bool {
        var hasCreate = false
        for (index, word) in words.enumerated() {
            switch word {
            case "create": hasCreate = true
            case "temp", "temporary":
                let previous = index > 0 ? words[index - 1] : ""
                if hasCreate || ["into", "local", "global"].contains(previous) { return true }
            case "pg_temp": return true
            // The third argument of a setting that lasts for the transaction only.
            case "set_config": if !words[index...].contains("true") { return true }
            default:
                // Not pg_advisory_xact_lock, which the transaction's end releases.
                if word.hasPrefix("pg_advisory_lock") || word.hasPrefix("pg_try_advisory_lock") { return true }
            }
        }
        return false
    }

    /// The words of a statement in small letters, without comments at its beginning. Those of its texts and later
    /// comments are among them.
    private static func words(_ sql: String) -> [Substring] {
        let text = sql.lowercased()
        var rest = text.utf8[...]
        while true {
            rest = rest.drop { $0 <= 0x20 || $0 == UInt8(ascii: "(") || $0 == UInt8(ascii: ";") }
            if rest.starts(with: "--".utf8) {
                rest = rest.drop { $0 != UInt8(ascii: "\n") }
            } else if rest.starts(with: "/*".utf8) {
                rest = withoutBlockComment(rest)
            } else {
                break
            }
        }
        return rest.split { !isWordByte($0) }.map(Substring.init)
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        byte >= 0x80 || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$") || byte.isASCIILetterOrDigit
    }

    /// Comments in PostgreSQL's SQL can have others in them.
    private static func withoutBlockComment(_ text: Substring.UTF8View) -> Substring.UTF8View {
        var rest = text
        var depth = 0
        while !rest.isEmpty {
            if rest.starts(with: "/*".utf8) {
                depth += 1
                rest = rest.dropFirst(2)
            } else if rest.starts(with: "*/".utf8) {
                depth -= 1
                rest = rest.dropFirst(2)
                if depth == 0 { return rest }
            } else {
                rest = rest.dropFirst()
            }
        }
        return rest
    }
}
