public import GatehouseDatabase

extension [Migration] {
    /// The table of ``DatabaseSessions``: `gatehouse_session`.
    public static var sessions: [Migration] {
        [
            Migration(
                name: "gatehouse_session_1",
                sql: [.postgreSQL: standard("BYTEA", "''"), .sqlite: standard("BLOB", "x''"), .mySQL: mySQL])
        ]
    }

    // The row is that by which workers agree on who cleans the table (DatabaseSessions.cleaningRow). It never expires.
    private static func standard(_ bytes: String, _ noBytes: String) -> String {
        """
        CREATE TABLE IF NOT EXISTS gatehouse_session (
            id VARCHAR(64) NOT NULL PRIMARY KEY, owner VARCHAR(190), content \(bytes) NOT NULL,
            created BIGINT NOT NULL, used BIGINT NOT NULL, expires BIGINT NOT NULL, version BIGINT NOT NULL);
        CREATE INDEX IF NOT EXISTS gatehouse_session_expires ON gatehouse_session (expires);
        CREATE INDEX IF NOT EXISTS gatehouse_session_owner ON gatehouse_session (owner);
        INSERT INTO gatehouse_session (id, content, created, used, expires, version)
            VALUES ('\(DatabaseSessions.cleaningRow)', \(noBytes), 0, 0, \(Int.max), 0) ON CONFLICT (id) DO NOTHING;
        """
    }

    // By bytes: ids and owners differ in the case of a letter.
    private static var mySQL: String {
        """
        CREATE TABLE IF NOT EXISTS gatehouse_session (
            id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
            owner VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, content MEDIUMBLOB NOT NULL,
            created BIGINT NOT NULL, used BIGINT NOT NULL, expires BIGINT NOT NULL, version BIGINT NOT NULL,
            KEY gatehouse_session_expires (expires), KEY gatehouse_session_owner (owner)
        ) ENGINE=InnoDB;
        INSERT IGNORE INTO gatehouse_session (id, content, created, used, expires, version)
            VALUES ('\(DatabaseSessions.cleaningRow)', '', 0, 0, \(Int.max), 0);
        """
    }
}
