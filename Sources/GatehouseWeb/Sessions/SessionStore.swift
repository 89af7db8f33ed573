import Gatehouse
public import GatehouseDatabase
import HTTPTypes
import Logging

/// The place where sessions are kept.
public struct SessionStore: Sendable {
    private enum Place {
        case cookie(Sealer)
        case database(DatabaseSessions)
    }

    private let place: Place

    /// In an encrypted cookie of at most 4 KB: no other place, no look at a database. What it cannot do: end a session
    /// of which somebody has copied the cookie. If two requests of one visitor change the session at the same time, the
    /// response that arrives last wins.
    public static func cookie(_ keys: KeyRing) -> SessionStore {
        SessionStore(place: .cookie(keys.sealer(for: "session")))
    }

    /// In a table of the database, which needs the migration `.sessions`. It is read for each request that has a
    /// session's cookie.
    public static func database(_ sessions: DatabaseSessions) -> SessionStore {
        SessionStore(place: .database(sessions))
    }

    /// In a table of the database, which needs the migration `.sessions`.
    public static func database(_ database: Database) -> SessionStore {
        .database(DatabaseSessions(database))
    }

    /// Opens the session that one of the request's cookies stands for. One that is in the cookie itself is looked for
    /// only when it is used.
    func open(
        _ headers: HTTPFields, cookie: SessionCookie, lifetime: SessionLifetime, now: @escaping @Sendable () -> Int,
        logger: Logger
    ) async throws -> SessionVisit {
        guard headers.contains(.cookie) else {
            return SessionVisit(session: Session(logger: logger), label: cookie.name)
        }
        switch place {
        case .cookie(let sealer):
            let session = Session(logger: logger) {
                SealedSession.open(
                    cookie.values(in: headers), by: sealer, label: cookie.name, lifetime: lifetime, now: now())
            }
            return SessionVisit(session: session, label: cookie.name)
        case .database(let sessions):
            guard let row = try await sessions.load(cookie.values(in: headers), now: now()) else {
                return SessionVisit(session: Session(logger: logger), label: cookie.name)
            }
            let session = Session(logger: logger, rowID: row.token.hash) { row.content }
            return SessionVisit(session: session, label: cookie.name, row: row)
        }
    }

    /// - Returns: the cookie's value; `nil` if the session has been ended elsewhere meanwhile.
    func write(
        _ content: SessionContent, _ change: SessionState.Change, of visit: SessionVisit, end: Int
    ) async throws -> String? {
        switch place {
        case .cookie(let sealer): try SealedSession.seal(content, by: sealer, label: visit.label)
        case .database(let sessions): try await sessions.write(content, change, over: visit.row, end: end)
        }
    }

    /// Writes the time of the last use.
    func refresh(_ content: SessionContent, of visit: SessionVisit, end: Int) async throws -> String? {
        switch place {
        case .cookie(let sealer): try SealedSession.seal(content, by: sealer, label: visit.label)
        case .database(let sessions): try await sessions.refresh(content, visit.row, end: end)
        }
    }

    func end(_ visit: SessionVisit) async throws {
        guard case .database(let sessions) = place, let row = visit.row else { return }
        try await sessions.delete(row)
    }

    func cleanUp(now: Int, after request: GatewayRequest) {
        guard case .database(let sessions) = place else { return }
        sessions.cleanUp(now: now, after: request)
    }
}

/// A session in use by one request.
struct SessionVisit: Sendable {
    let session: Session
    /// The name of the cookie, to which its sealed value is bound.
    let label: String
    /// The row that the session came from, if it is in a database.
    var row: DatabaseSessions.Row?
}

/// A session that is a cookie's value.
enum SealedSession {
    static func seal(_ content: SessionContent, by sealer: Sealer, label: String) throws -> String {
        Base64URL.encode(try sealer.seal(content.bytes, label: label))
    }

    /// The first of the values that is a session and has not ended.
    static func open(
        _ values: [String], by sealer: Sealer, label: String, lifetime: SessionLifetime, now: Int
    ) -> SessionContent? {
        for value in values where value.utf8.count <= SessionCookie.longest {
            guard let sealed = Base64URL.decode(value), let plain = sealer.open(sealed, label: label),
                let content = SessionContent(plain), now < lifetime.end(created: content.created, used: content.used)
            else { continue }
            return content
        }
        return nil
    }
}
