/// The number of connections that a database server allows.
package struct ServerLimit: Sendable, Equatable {
    /// The most that the database's user may have, as far as the server says.
    package var limit: Int
    /// Connections that are open now, everybody's.
    package var open: Int

    /// Asks a server.
    /// - Returns: `nil` for a database without a server.
    package static func ask(_ database: Database) async throws(DatabaseError) -> ServerLimit? {
        switch database.source.dialect {
        case .postgreSQL: try await askPostgreSQL(database)
        case .mySQL: try await askMySQL(database)
        case .sqlite: nil
        }
    }

    private static func askPostgreSQL(_ database: Database) async throws(DatabaseError) -> ServerLimit {
        // Limits of roles and databases are -1 if there are none. Reserved connections are of PostgreSQL 16.
        let (limit, open) = try await database.one(
            """
            SELECT least(
                current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
                    - coalesce(current_setting('reserved_connections', true)::int, 0),
                (SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user),
                (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database())),
                (SELECT count(*) FROM pg_stat_activity
                    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid())
            """, Int.self, Int.self)
        return ServerLimit(limit: limit, open: open)
    }

    private static func askMySQL(_ database: Database) async throws(DatabaseError) -> ServerLimit {
        let (most, own) = try await database.one(
            "SELECT @@global.max_connections, @@session.max_user_connections", Int.self, Int.self)
        let (_, connected) = try await database.one(
            "SHOW GLOBAL STATUS LIKE 'Threads_connected'", String.self, Int.self)
        // 0 is no limit. One connection is this one.
        return ServerLimit(limit: own > 0 ? min(own, most) : most, open: max(0, connected - 1))
    }
}
