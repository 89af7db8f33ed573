import Gatehouse
import GatehouseDatabase
@testable import GatehouseWeb
import Testing

private let now = 1_800_000_000

struct DatabaseSessionsTests {
    private func content(_ values: [String: String]) throws -> SessionContent {
        SessionContent(created: now, used: now, values: try values.mapValues { try SessionValueCoding.encode($0) })
    }

    private func values(_ row: DatabaseSessions.Row?) -> [String: String]? {
        row?.content.values.compactMapValues { SessionValueCoding.decode($0, as: String.self) }
    }

    /// Begins a session, and reads it.
    private func begin(_ sessions: DatabaseSessions, _ values: [String: String]) async throws -> DatabaseSessions.Row {
        let token = try #require(try await sessions.write(content(values), .new, over: nil, end: now + 100))
        return try #require(try await sessions.load([token], now: now))
    }

    @Test(arguments: SessionDatabase.allCases)
    func `a session comes back until it expires, and the table has no token`(_ kind: SessionDatabase) async throws {
        try await kind.run { database in
            let sessions = DatabaseSessions(database)
            let row = try await begin(sessions, ["name": "Ann", "_owner": "7"])
            #expect(values(row) == ["name": "Ann", "_owner": "7"])
            #expect(row.content.created == now && row.content.used == now && row.version == 0)
            #expect(try await sessions.load([row.token.text], now: now + 99) != nil)
            #expect(try await sessions.load([row.token.text], now: now + 100) == nil)
            let ids = try await database.all("SELECT id FROM gatehouse_session WHERE owner = \("7")", String.self)
            #expect(ids == [row.token.hash] && row.token.hash != row.token.text)
            #expect(try await sessions.load([row.token.hash], now: now) == nil)
        }
    }

    /// A token is found by its hash, and nothing else is one (row I1).
    @Test(arguments: SessionDatabase.allCases)
    func `no other text finds a session`(_ kind: SessionDatabase) async throws {
        try await kind.run { database in
            let sessions = DatabaseSessions(database)
            let token = try await begin(sessions, ["a": "b"]).token.text
            let changed = token.map { $0.isUppercase ? $0.lowercased() : $0.uppercased() }.joined()
            for text in [
                "", "'", "' OR 1=1 --", changed, String(token.dropLast()), token + "A", "\u{0}", "%",
                DatabaseSessions.cleaningRow, Token().text, String(repeating: "A", count: 100_000),
            ] {
                #expect(try await sessions.load([text], now: now) == nil)
            }
            #expect(try await sessions.load(["", "x", token], now: now) != nil)
        }
    }

    @Test(arguments: SessionDatabase.allCases)
    func `two requests' changes of different values are both kept`(_ kind: SessionDatabase) async throws {
        try await kind.run { database in
            let sessions = DatabaseSessions(database)
            let row = try await begin(sessions, ["a": "0", "b": "0", "c": "0"])
            // Both have read the same version.
            let one = try content(["a": "1", "c": "0"])
            let other = try content(["a": "0", "b": "2", "c": "2"])
            #expect(try await sessions.write(one, .changed(["a", "b"]), over: row, end: now + 100) == row.token.text)
            #expect(try await sessions.write(other, .changed(["b", "c"]), over: row, end: now + 100) == row.token.text)
            let last = try await sessions.load([row.token.text], now: now)
            #expect(values(last) == ["a": "1", "b": "2", "c": "2"])
            #expect(last?.version == 2)
        }
    }

    @Test(arguments: SessionDatabase.allCases)
    func `no change of many at a time is lost`(_ kind: SessionDatabase) async throws {
        try await kind.run { database in
            let sessions = DatabaseSessions(database)
            let row = try await begin(sessions, [:])
            let contents = try (0..<24).map { ("value \($0)", try content(["value \($0)": "\($0)"])) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (name, content) in contents {
                    group.addTask { _ = try await sessions.write(content, .changed([name]), over: row, end: now + 100) }
                }
                try await group.waitForAll()
            }
            #expect(try await sessions.load([row.token.text], now: now)?.content.values.count == 24)
        }
    }

    /// A request under way does not undo a sign-out (row I3).
    @Test(arguments: SessionDatabase.allCases)
    func `nothing brings back a session that was ended meanwhile`(_ kind: SessionDatabase) async throws {
        try await kind.run { database in
            let sessions = DatabaseSessions(database)
            let row = try await begin(sessions, ["a": "1"])
            try await sessions.delete(row)
            let changed = try content(["a": "2"])
            #expect(try await sessions.write(changed, .changed(["a"]), over: row, end: now + 100) == nil)
            _ = try await sessions.refresh(changed, row, end: now + 100)
            #expect(try await sessions.load([row.token.text], now: now) == nil)
            #expect(try await database.one("SELECT count(*) FROM gatehouse_session", Int.self) == 1)
        }
    }

    /// "Sign out everywhere" holds for a request that renews its session meanwhile, and not for a sign-in (row I3).
    @Test(arguments: SessionDatabase.allCases)
    func `a renewal brings back no user whose sessions were ended meanwhile`(_ kind: SessionDatabase) async throws {
        try await kind.run { database in
            let sessions = DatabaseSessions(database)
            let row = try await begin(sessions, ["_owner": "ann", "cart": "1"])
            let planted = try await begin(sessions, ["cart": "1"])
            #expect(try await sessions.revoke(allOf: "ann") == 1)
            try await sessions.delete(planted)
            let ann = try content(["_owner": "ann", "cart": "2"])
            #expect(try await sessions.write(ann, .renewed, over: row, end: now + 100) == nil)
            #expect(try await database.one("SELECT count(*) FROM gatehouse_session", Int.self) == 1)
            for (owner, row) in [("bob", row), ("ann", planted)] {
                let user = try content(["_owner": owner])
                let token = try await sessions.write(user, .renewed, over: row, end: now + 100)
                #expect(values(try await sessions.load([token ?? ""], now: now)) == ["_owner": owner])
            }
        }
    }

    /// The planted token is worth nothing after the sign-in (row I4).
    @Test(arguments: SessionDatabase.allCases)
    func `renewal gives another token, and the old one is worth nothing`(_ kind: SessionDatabase) async throws {
        try await kind.run { database in
            let sessions = DatabaseSessions(database)
            let row = try await begin(sessions, ["cart": "1"])
            let token = try await sessions.write(content(["cart": "1"]), .renewed, over: row, end: now + 100)
            #expect(token != nil && token != row.token.text)
            #expect(try await sessions.load([row.token.text], now: now) == nil)
            #expect(values(try await sessions.load([token ?? ""], now: now)) == ["cart": "1"])
        }
    }

    @Test(arguments: SessionDatabase.allCases)
    func `all sessions of a user can be ended but the one in use`(_ kind: SessionDatabase) async throws {
        try await kind.run { database in
            let sessions = DatabaseSessions(database)
            let here = try await begin(sessions, ["_owner": "ann"])
            let there = try await begin(sessions, ["_owner": "ann"])
            let other = try await begin(sessions, ["_owner": "Ann"])
            let none = try await begin(sessions, ["a": "b"])
            let session = Session(logger: database.context.logger, rowID: here.token.hash) { here.content }
            #expect(try await sessions.revoke(allOf: "ann", except: session) == 1)
            #expect(try await sessions.load([there.token.text], now: now) == nil)
            #expect(try await sessions.revoke(allOf: "ann") == 1)
            for row in [other, none] { #expect(try await sessions.load([row.token.text], now: now) != nil) }
        }
    }

    @Test(arguments: SessionDatabase.allCases)
    func `one worker deletes what has expired, now and then`(_ kind: SessionDatabase) async throws {
        try await kind.run { database in
            let sessions = DatabaseSessions(database)
            for _ in 0..<3 { _ = try await begin(sessions, ["a": "b"]) }
            let alive = try await sessions.write(content(["a": "c"]), .new, over: nil, end: now + 10_000)
            let time = now + 5_000
            #expect(try await sessions.clean(now: time) == 3)
            #expect(try await DatabaseSessions(database).clean(now: time) == nil)
            #expect(try await sessions.clean(now: time + DatabaseSessions.cleaningInterval - 1) == nil)
            #expect(try await sessions.clean(now: time + DatabaseSessions.cleaningInterval) == 0)
            #expect(try await sessions.load([alive ?? ""], now: time) != nil)
        }
    }

    @Test(arguments: SessionDatabase.allCases)
    func `a clock that was years ahead does not end the cleaning`(_ kind: SessionDatabase) async throws {
        try await kind.run { database in
            let sessions = DatabaseSessions(database)
            #expect(try await sessions.clean(now: now + 1_000_000_000) == 0)
            _ = try await begin(sessions, ["a": "b"])
            #expect(try await sessions.clean(now: now + 100) == 1)
            #expect(try await sessions.clean(now: now + 101) == nil)
        }
    }

    @Test(arguments: SessionDatabase.allCases)
    func `a session may be large, and not huge`(_ kind: SessionDatabase) async throws {
        try await kind.run { database in
            let sessions = DatabaseSessions(database)
            let large = try content(["note": String(repeating: "x", count: 1_000_000)])
            let token = try await sessions.write(large, .new, over: nil, end: now + 100)
            #expect(try await sessions.load([token ?? ""], now: now)?.content.values == large.values)
            let huge = try content(["note": String(repeating: "x", count: 1_100_000)])
            let error = await #expect(throws: SessionError.self) {
                try await sessions.write(huge, .new, over: nil, end: now + 100)
            }
            #expect(error?.description.contains("1048576 are the most: \"note\" has 1100002 bytes") == true)
        }
    }
}
