/// The properties of a PostgreSQL statement that its text shows. Where the text leaves a doubt, the answer is the one
/// that costs a connection and not the one that surprises the connection's next user.
struct StatementTraits: Equatable {
    /// Whether it changes the session for the statements after it: settings, temporary tables, channels, locks.
    private(set) var taints = false
    /// Whether it is `COPY` from or to the client.
    private(set) var copies = false
    /// Whether it removes prepared statements.
    private(set) var forgetsStatements = false

    init(_ sql: String) {
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
        var rest = text[...]
        while true {
            rest = rest.drop { $0.isWhitespace || $0 == "(" || $0 == ";" }
            if rest.hasPrefix("--") {
                rest = rest.drop { !$0.isNewline }
            } else if rest.hasPrefix("/*") {
                rest = withoutBlockComment(rest)
            } else {
                break
            }
        }
        return rest.split { !($0 == "_" || $0 == "$" || $0.isLetter || $0.isNumber) }
    }

    /// Comments in PostgreSQL's SQL can have others in them.
    private static func withoutBlockComment(_ text: Substring) -> Substring {
        var rest = text
        var depth = 0
        while !rest.isEmpty {
            if rest.hasPrefix("/*") {
                depth += 1
                rest = rest.dropFirst(2)
            } else if rest.hasPrefix("*/") {
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
