public import GatehouseDatabase
import Synchronization

/// Sessions in a table: of any reasonable size, and ended for good as soon as their row is gone.
///
/// ```swift
/// try await database.migrate(.sessions + .files(in: context.resourceFolder + "/migrations"))
/// router.add(middleware: Sessions(.database(database), name: context.name))
/// ```
///
/// The cookie has a random token, and the table its SHA-256, so that nobody who reads the table can use a session. If
/// two requests change one session at the same time, each value is the one that was written last, and no request undoes
/// another one's change of another value.
public final class DatabaseSessions: Sendable {
    /// The most bytes of one session's values.
    public static let longest = 1 << 20

    /// The most versions of a session over which one request tries to write its change.
    private static let mostAttempts = 30

    let database: Database
    /// The time of the next cleaning by this worker, in seconds since 1970.
    let nextCleaning = Atomic<Int>(0)

    /// Makes the store. The table is made by the migration `.sessions`.
    public init(_ database: Database) {
        self.database = database
    }

    /// Ends all sessions of a user: "sign out everywhere".
    /// - Parameters:
    ///   - owner: the user, as ``Session/owner`` has him.
    ///   - kept: the session that goes on; `nil` for none.
    /// - Returns: the number of sessions that have ended.
    @discardableResult
    public func revoke(allOf owner: String, except kept: Session? = nil) async throws(DatabaseError) -> Int {
        let hash = kept?.rowID ?? ""
        return try await database.execute(
            "DELETE FROM gatehouse_session WHERE owner = \(owner) AND id <> \(hash)"
        ).rows
    }

    /// A row of the table, with the token by which its visitor names it.
    struct Row: Sendable {
        let token: Token
        let content: SessionContent
        /// Counts the changes of the row.
        let version: Int
    }

    /// The session of the first token that has one.
    func load(_ values: [String], now: Int) async throws(DatabaseError) -> Row? {
        for value in values {
            guard let token = Token(value), let row = try await load(token, now: now) else { continue }
            return row
        }
        return nil
    }

    private func load(_ token: Token, now: Int) async throws(DatabaseError) -> Row? {
        guard
            let (bytes, created, used, version) = try await database.first(
                """
                SELECT content, created, used, version FROM gatehouse_session
                WHERE id = \(token.hash) AND expires > \(now)
                """, [UInt8].self, Int.self, Int.self, Int.self),
            let values = SessionContent.values(from: bytes[...])
        else { return nil }
        return Row(
            token: token, content: SessionContent(created: created, used: used, values: values), version: version)
    }

    /// - Returns: the token of the session; `nil` if it has been ended elsewhere meanwhile, so that nothing brings it
    ///   back.
    func write(
        _ content: SessionContent, _ change: SessionState.Change, over row: Row?, end: Int
    ) async throws -> String? {
        if let row, case .changed(let names) = change { return try await update(content, names, row, end: end) }
        if let row, try await !delete(row), let owner = row.content.values[SessionName.owner],
            owner == content.values[SessionName.owner]
        {
            // Its user was signed out elsewhere meanwhile, and has not signed in again in this request.
            return nil
        }
        return try await insert(content, end: end)
    }

    private func insert(_ content: SessionContent, end: Int) async throws -> String {
        let token = Token()
        try await database.execute(
            """
            INSERT INTO gatehouse_session (id, owner, content, created, used, expires, version)
            VALUES (\(token.hash), \(Self.owner(content)), \(try Self.bytes(content)), \(content.created),
                \(content.used), \(end), 0)
            """)
        return token.text
    }

    /// Writes over the version that was read. If it is no longer there, the changed values are put into the one that
    /// is, and that is tried again.
    private func update(
        _ content: SessionContent, _ names: Set<String>, _ row: Row, end: Int
    ) async throws -> String? {
        var content = content
        var version = row.version
        for attempt in 0..<Self.mostAttempts {
            // Many at a time would otherwise keep step, and one of them might always be late.
            if attempt > 2 { try await Task.sleep(for: .milliseconds(Int.random(in: 1...20))) }
            let changes = try await database.execute(
                """
                UPDATE gatehouse_session SET owner = \(Self.owner(content)), content = \(try Self.bytes(content)),
                    used = \(content.used), expires = \(end), version = \(version + 1)
                WHERE id = \(row.token.hash) AND version = \(version)
                """)
            if changes.rows > 0 { return row.token.text }
            guard let current = try await load(row.token, now: content.used) else { return nil }
            version = current.version
            var values = current.content.values
            for name in names { values[name] = content.values[name] }
            content.values = values
        }
        throw SessionError(
            "the session was changed by \(Self.mostAttempts) other requests while this one tried to write it")
    }

    /// - Returns: the token of the session, for a cookie that lives on.
    func refresh(_ content: SessionContent, _ row: Row?, end: Int) async throws(DatabaseError) -> String? {
        guard let row else { return nil }
        // Whether the row is still there does not matter: without it the cookie is worth nothing.
        try await database.execute(
            "UPDATE gatehouse_session SET used = \(content.used), expires = \(end) WHERE id = \(row.token.hash)")
        return row.token.text
    }

    /// - Returns: whether the row was still there.
    @discardableResult
    func delete(_ row: Row) async throws(DatabaseError) -> Bool {
        try await database.execute("DELETE FROM gatehouse_session WHERE id = \(row.token.hash)").rows > 0
    }

    private static func owner(_ content: SessionContent) -> String? {
        content.values[SessionName.owner].flatMap { SessionValueCoding.decode($0, as: String.self) }
    }

    private static func bytes(_ content: SessionContent) throws(SessionError) -> [UInt8] {
        let bytes = content.valueBytes
        guard bytes.count <= longest else {
            throw SessionError(
                "the session has \(bytes.count) bytes, \(longest) are the most: \(content.sizes) bytes: keep such "
                    + "values in tables of their own")
        }
        return bytes
    }
}
