/// The settings that each session gets, in one statement.
enum MySQLSession {
    /// Makes the statement. Its words are ours and its values numbers: nothing in it comes from an operator.
    static func statement(isMariaDB: Bool, _ settings: DatabaseSettings) -> String {
        // The same meaning of a statement on every server, whatever its configuration: no quotes for identifiers but
        // `, values that do not fit are errors, and so is the zeroth of a month.
        var modes = [
            "STRICT_TRANS_TABLES", "NO_ZERO_IN_DATE", "NO_ZERO_DATE", "ERROR_FOR_DIVISION_BY_ZERO",
            "NO_ENGINE_SUBSTITUTION",
        ]
        // Each server's default, as it is: MariaDB's own form of this mode refuses what MySQL allows.
        if !isMariaDB { modes.append("ONLY_FULL_GROUP_BY") }
        var assignments = [
            "time_zone = '+00:00'",
            "sql_mode = '\(modes.joined(separator: ","))'",
            "autocommit = 1",
            // Names of constraints are read from the messages.
            "lc_messages = 'en_US'",
        ]
        if settings.lockTimeout > .zero {
            let seconds = settings.lockTimeout.wholeSeconds
            assignments += ["innodb_lock_wait_timeout = \(seconds)", "lock_wait_timeout = \(seconds)"]
        }
        let statement = settings.statementTimeout.wholeMilliseconds
        if isMariaDB {
            assignments.append("max_statement_time = \(statement / 1_000).\(decimals(statement % 1_000))")
            assignments.append("idle_transaction_timeout = \(settings.idleTransactionTimeout.wholeSeconds)")
        } else {
            // MySQL ends only statements that read, and has nothing against idle transactions.
            assignments.append("max_execution_time = \(statement)")
        }
        return "SET NAMES utf8mb4, " + assignments.joined(separator: ", ")
    }

    private static func decimals(_ thousandths: Int64) -> String {
        "\(1_000 + thousandths)".dropFirst().description
    }
}

extension Duration {
    /// Milliseconds, rounded up, at most some 23 days. 0 is no limit, to MySQL and MariaDB, too.
    var wholeMilliseconds: Int64 { Int64(min(milliseconds, 2_000_000_000)) }

    /// Seconds, rounded up.
    var wholeSeconds: Int64 { (wholeMilliseconds + 999) / 1_000 }
}
