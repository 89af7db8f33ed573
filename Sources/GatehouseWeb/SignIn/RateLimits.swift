public import GatehouseDatabase
import GatehouseSystem
import HTTPTypes
public import Hummingbird
import Synchronization

/// Bounds on how often something may be done, counted in the database: all workers and hosts count together, and a
/// restart forgets nothing.
///
/// ```swift
/// let limits = RateLimits(database)        // its table comes by the migration .signIn
/// try await limits.take("reset", form.email, atMost: Rate(3, per: .seconds(3_600)))
/// ```
///
/// A key that was not used for a while has its whole rate, and gets it back bit by bit: of ten in twenty minutes, one
/// every two minutes. One row holds that for each key that is in use; rows that say nothing any more are deleted.
public final class RateLimits: Sendable {
    private let database: Database
    /// Milliseconds since 1970.
    private let now: @Sendable () -> Int
    /// The time of this worker's next cleaning.
    private let nextCleaning = Atomic<Int>(0)
    private static let cleaningInterval = 60_000

    /// Makes the limits.
    public convenience init(_ database: Database) {
        self.init(database) { UTCTime.now().millisecondsSince1970 }
    }

    package init(_ database: Database, now: @escaping @Sendable () -> Int) {
        self.database = database
        self.now = now
    }

    /// Counts one use of a key, before it is done.
    /// - Parameters:
    ///   - name: the thing that is done, so that the same key counts for each by itself.
    ///   - key: the one who does it, or to whom it is done: an account, an address. The table has only a hash of it.
    ///   - rate: the most that are allowed.
    /// - Throws: ``TooManyAttempts``, which is a 429, if there were too many; it is not counted then.
    public func take(_ name: String, _ key: String, atMost rate: Rate) async throws {
        let now = now()
        try await cleanUp(now: now)
        let id = Self.id(name, key)
        // The row has the moment at which the key has its whole rate again. Each use puts it one step into the future,
        // and it may not be more steps ahead than the rate has uses.
        var over = 0
        for _ in 0..<5 {
            if try await advance(id, rate, now) { return }
            if try await insert(id, ends: now + rate.step) { return }
            // It is there: another request was faster, or it is full. Or it was, and somebody has cleaned the table.
            let ends = try await database.first("SELECT ends FROM gatehouse_rate WHERE id = \(id)", Int.self)
            over = (ends ?? now) - now - rate.span + rate.step
            if over > 0 { break }
        }
        throw TooManyAttempts(retryAfter: max(1, (over + 999) / 1_000))
    }

    /// Counts one use of a client's. Who has an IPv6 address has a whole network of them, so that network of 64 bits is
    /// counted. Clients without an address are counted together.
    /// - Parameters:
    ///   - name: what is counted.
    ///   - client: the client's address, `context.gateway.remoteAddress`.
    ///   - rate: how many, in which time.
    /// - Throws: ``TooManyAttempts`` if that many have been counted already, `DatabaseError`.
    public func take(_ name: String, from client: String?, atMost rate: Rate) async throws {
        try await take(name, client.map(NetworkAddress.network(of:)) ?? "", atMost: rate)
    }

    private func advance(_ id: String, _ rate: Rate, _ now: Int) async throws(DatabaseError) -> Bool {
        try await database.execute(
            """
            UPDATE gatehouse_rate SET ends = CASE WHEN ends > \(now) THEN ends ELSE \(now) END + \(rate.step)
            WHERE id = \(id) AND ends <= \(now + rate.span - rate.step)
            """
        ).rows > 0
    }

    /// Takes back one use that was counted: it should not have been.
    public func giveBack(_ name: String, _ key: String, atMost rate: Rate) async throws {
        try await database.execute(
            "UPDATE gatehouse_rate SET ends = ends - \(rate.step) WHERE id = \(Self.id(name, key))")
    }

    /// Forgets all uses of a key.
    public func clear(_ name: String, _ key: String) async throws {
        try await database.execute("DELETE FROM gatehouse_rate WHERE id = \(Self.id(name, key))")
    }

    /// Remembers a key for a time.
    func remember(_ name: String, _ key: String, for time: Duration) async throws {
        let id = Self.id(name, key), ends = now() + time.inMilliseconds
        let update: SQL = "UPDATE gatehouse_rate SET ends = \(ends) WHERE id = \(id)"
        guard try await database.execute(update).rows == 0 else { return }
        // It may be there for all that: on MySQL a row that an update leaves as it was does not count.
        _ = try await insert(id, ends: ends)
    }

    /// - Returns: whether the row was not there before.
    private func insert(_ id: String, ends: Int) async throws(DatabaseError) -> Bool {
        let row: SQL = "INTO gatehouse_rate (id, ends) VALUES (\(id), \(ends))"
        // Not by an error: each refused attempt would be a line in the server's log.
        let insert: SQL =
            database.source.dialect == .mySQL ? "INSERT IGNORE \(row)" : "INSERT \(row) ON CONFLICT (id) DO NOTHING"
        return try await database.execute(insert).rows > 0
    }

    /// Whether a key is remembered.
    func remembers(_ name: String, _ key: String) async throws -> Bool {
        let sql: SQL = "SELECT ends FROM gatehouse_rate WHERE id = \(Self.id(name, key)) AND ends > \(now())"
        return try await database.first(sql, Int.self) != nil
    }

    /// The key of a row: of one length whatever a client has sent, and no address of anybody.
    private static func id(_ name: String, _ key: String) -> String { Token.hash(of: "\(name)\u{0}\(key)") }

    /// Deletes the rows that say nothing any more, once a minute.
    private func cleanUp(now: Int) async throws(DatabaseError) {
        let due = nextCleaning.load(ordering: .relaxed)
        guard now >= due,
            nextCleaning.compareExchange(expected: due, desired: now + Self.cleaningInterval, ordering: .relaxed)
                .exchanged
        else { return }
        let ids = try await database.all(
            "SELECT id FROM gatehouse_rate WHERE ends <= \(now) ORDER BY ends LIMIT 1000", String.self)
        guard !ids.isEmpty else { return }
        // By the rows' own keys ("+ 0" keeps from the index): MySQL locks them in the order in which uses do, and finds
        // no deadlock.
        try await database.execute("DELETE FROM gatehouse_rate WHERE id IN \(list: ids) AND ends + 0 <= \(now)")
    }
}

/// A number of times that something may be done in a while.
public struct Rate: Sendable, Equatable {
    /// The number of times: 1 to 1,000,000,000.
    public let count: Int
    /// The while.
    public let period: Duration

    /// Makes a rate: `Rate(10, per: .seconds(1_200))`.
    public init(_ count: Int, per period: Duration) {
        self.count = min(max(1, count), 1_000_000_000)
        self.period = period
    }

    /// The milliseconds after which one more is allowed.
    var step: Int { max(1, period.inMilliseconds / count) }
    /// The milliseconds after which the whole is allowed again.
    var span: Int { step * count }
}

extension Duration {
    /// The duration in milliseconds, at least 0 and at most some hundred years.
    fileprivate var inMilliseconds: Int { Int(min(max(.zero, self), .seconds(4_000_000_000)) / .milliseconds(1)) }
}

/// An error of ``RateLimits``: too much in too short a time. Unless a handler takes it, it is a 429 with `Retry-After`.
public struct TooManyAttempts: HTTPResponseError, Equatable {
    /// The seconds after which the client may try again.
    public var retryAfter: Int

    /// - Parameter retryAfter: the seconds after which the client may try again.
    public init(retryAfter: Int) { self.retryAfter = retryAfter }

    /// 429.
    public var status: HTTPResponse.Status { .tooManyRequests }

    /// The response, without a body.
    public func response(from request: Request, context: some RequestContext) throws -> Response {
        Response(status: status, headers: [.retryAfter: "\(retryAfter)"])
    }
}
