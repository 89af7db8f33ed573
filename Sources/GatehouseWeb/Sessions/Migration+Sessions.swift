public import GatehouseDatabase

extension [Migration] {
    /// The table of ``DatabaseSessions``: `gatehouse_session`.
    public static var sessions: [Migration] {
        [
            Migration("gatehouse_session_1") { transaction in
                try await transaction.execute(sessionTable(for: transaction.dialect))
                try await transaction.execute("CREATE INDEX gatehouse_session_expires ON gatehouse_session (expires)")
                try await transaction.execute("CREATE INDEX gatehouse_session_owner ON gatehouse_session (owner)")
                // The row by which workers agree on who cleans the table. It never expires.
                try await transaction.execute(
                    """
                    INSERT INTO gatehouse_session (id, content, created, used, expires, version)
                    VALUES (\(DatabaseSessions.cleaningRow), \([UInt8]()), 0, 0, \(Int.max), 0)
                    """)
            }
        ]
    }

    private static func sessionTable(for dialect: Dialect) -> SQL {
        switch dialect {
        case .postgreSQL:
            """
            CREATE TABLE gatehouse_session (
                id VARCHAR(64) PRIMARY KEY, owner VARCHAR(190), content BYTEA NOT NULL,
                created BIGINT NOT NULL, used BIGINT NOT NULL, expires BIGINT NOT NULL, version BIGINT NOT NULL
            )
            """
        case .mySQL:
            // By bytes: ids and owners differ in the case of a letter.
            """
            CREATE TABLE gatehouse_session (
                id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin PRIMARY KEY,
                owner VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, content MEDIUMBLOB NOT NULL,
                created BIGINT NOT NULL, used BIGINT NOT NULL, expires BIGINT NOT NULL, version BIGINT NOT NULL
            )
            """
        case .sqlite:
            """
            CREATE TABLE gatehouse_session (
                id TEXT PRIMARY KEY, owner TEXT, content BLOB NOT NULL,
                created INTEGER NOT NULL, used INTEGER NOT NULL, expires INTEGER NOT NULL, version INTEGER NOT NULL
            ) WITHOUT ROWID
            """
        }
    }
}
