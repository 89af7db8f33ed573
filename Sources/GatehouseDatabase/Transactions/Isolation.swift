/// The isolation of a transaction from those that run at the same time.
public enum Isolation: Sendable, Hashable {
    /// The server's default: read committed on PostgreSQL, repeatable read on MySQL, serializable on SQLite.
    case standard
    /// Each statement sees what was committed before it.
    case readCommitted
    /// All statements see what was committed before the first one.
    case repeatableRead
    /// The outcome is one that transactions one after the other could have had. PostgreSQL ends some of them with
    /// `.serialization`, to be tried again: see `retries`.
    case serializable
    // SQLite is always serializable: its transactions that write come one after the other.
}

/// The statements that begin and end transactions.
enum TransactionSQL {
    static let commit: SQL = "COMMIT"
    static let rollBack: SQL = "ROLLBACK"

    static func begin(_ isolation: Isolation, _ dialect: Dialect) -> [SQL] {
        switch (dialect, isolation) {
        case (.sqlite, _): ["BEGIN IMMEDIATE"]
        case (.postgreSQL, .standard): ["BEGIN"]
        case (.postgreSQL, .readCommitted): ["BEGIN ISOLATION LEVEL READ COMMITTED"]
        case (.postgreSQL, .repeatableRead): ["BEGIN ISOLATION LEVEL REPEATABLE READ"]
        case (.postgreSQL, .serializable): ["BEGIN ISOLATION LEVEL SERIALIZABLE"]
        case (.mySQL, .standard): ["START TRANSACTION"]
        case (.mySQL, .readCommitted): ["SET TRANSACTION ISOLATION LEVEL READ COMMITTED", "START TRANSACTION"]
        case (.mySQL, .repeatableRead): ["SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "START TRANSACTION"]
        case (.mySQL, .serializable): ["SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", "START TRANSACTION"]
        }
    }

    /// One snapshot for all statements, and no write.
    static func beginReading(_ dialect: Dialect) -> [SQL] {
        switch dialect {
        case .postgreSQL: ["BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"]
        case .mySQL:
            [
                "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
                "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
            ]
        case .sqlite: ["BEGIN DEFERRED"]
        }
    }

    // Savepoints have a name for each depth; there are few depths, and each name is a prepared statement.

    static func savepoint(_ depth: Int) -> SQL { SQL(unchecked: "SAVEPOINT gatehouse_\(depth)") }

    static func release(_ depth: Int) -> SQL { SQL(unchecked: "RELEASE SAVEPOINT gatehouse_\(depth)") }

    static func rollBack(to depth: Int) -> SQL { SQL(unchecked: "ROLLBACK TO SAVEPOINT gatehouse_\(depth)") }
}
