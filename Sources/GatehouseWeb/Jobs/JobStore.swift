import FoundationEssentials
import GatehouseDatabase

/// The table `gatehouse_job`, and what happens to a job there. Every moment is the database's own, in milliseconds
/// since 1970.
///
/// | state | `due` | `lease` |
/// |---|---|---|
/// | waits | the moment from which it may run | none |
/// | runs | the moment at which it may be taken from its worker | the number of the claim, which nobody else has |
/// | dead | the moment of its death | none |
struct JobStore: Sendable {
    let database: Database
    let module: String
    let queue: String

    /// The states by their numbers in the table.
    enum State {
        static let waits = 0
        static let runs = 1
        static let dead = 2
    }

    /// The moment from which a job may run.
    enum Due: Sendable {
        case after(Duration)
        case at(Date)

        var isNow: Bool { if case .after(let delay) = self { delay <= .zero } else { false } }
    }

    /// A job that this worker has, and the number by which it has it.
    struct Claimed: Sendable {
        var id: UUID
        var kind: String
        var payload: String
        var attempts: Int
        var lease: Int64
    }

    var dialect: Dialect { database.source.dialect }

    /// The jobs of this module and queue.
    var ours: SQL { "module = \(module) AND queue = \(queue)" }

    /// The moment of the statement, or of the transaction, by the database's clock.
    var now: SQL {
        switch dialect {
        case .postgreSQL: "CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT)"
        case .mySQL: "CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)"
        case .sqlite: "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
        }
    }

    func moment(_ due: Due) -> SQL {
        switch due {
        case .after(let delay): "\(now) + \(max(0, delay.asMilliseconds))"
        case .at(let date): "\(date.millisecondsSince1970)"
        }
    }

    // MARK: Adding

    /// - Returns: the new job's id; `nil` if one with that key waits already.
    func insert(
        kind: String, _ payload: String, _ due: Due, key: String?, to place: some Queryable
    ) async throws(DatabaseError) -> UUID? {
        let id = UUID.ordered()
        let insert: SQL = """
            INSERT INTO gatehouse_job
                (id, module, queue, kind, payload, unique_key, state, due, attempts, repeats, created)
            VALUES (\(id), \(module), \(queue), \(kind), \(payload), \(key), \(State.waits), \(moment(due)), 0, 0,
                \(now))
            """
        guard key != nil else {
            try await place.execute(insert)
            return id
        }
        // The job that waits is locked until the caller's transaction ends: it must not begin before it can see what
        // that has written. The number of repetitions changes each time, so that MySQL counts two rows.
        switch dialect {
        case .postgreSQL, .sqlite:
            let least: SQL =
                dialect == .sqlite
                ? "min(gatehouse_job.due, excluded.due)" : "LEAST(gatehouse_job.due, excluded.due)"
            let kept = try await place.first(
                """
                \(insert) ON CONFLICT (module, queue, kind, unique_key)
                DO UPDATE SET repeats = gatehouse_job.repeats + 1, due = \(least) RETURNING id
                """, UUID.self)
            return kept == id ? id : nil
        case .mySQL:
            let changes = try await place.execute(
                """
                \(insert) ON DUPLICATE KEY UPDATE repeats = repeats + 1, due = LEAST(due, VALUES(due))
                """)
            return changes.rows == 1 ? id : nil
        }
    }

    /// The channel of PostgreSQL on which busy workers tell idle ones.
    static let channel = "gatehouse_job"

    /// The text of a notification, which tells modules and queues that share a database apart.
    var notice: String { "\(module)/\(queue)" }

    func notify(by place: some Queryable) async throws(DatabaseError) {
        guard dialect == .postgreSQL else { return }
        try await place.execute("SELECT pg_notify(\(Self.channel), \(notice))")
    }
}

extension Date {
    /// Bounded, so that sums do not overflow.
    var millisecondsSince1970: Int64 {
        let milliseconds = timeIntervalSince1970 * 1_000
        guard milliseconds.magnitude < 1e15 else { return milliseconds > 0 ? 1 << 50 : 0 }
        return Int64(milliseconds.rounded())
    }

    init(millisecondsSince1970 milliseconds: Int64) {
        self.init(timeIntervalSince1970: Double(milliseconds) / 1_000)
    }
}

extension UUID {
    /// An id that is larger than those of earlier milliseconds (RFC 9562, section 5.7), so that new rows lie together.
    static func ordered(now: Date = Date()) -> UUID {
        var generator = SystemRandomNumberGenerator()
        let milliseconds = UInt64(max(0, now.millisecondsSince1970))
        func time(_ shift: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: milliseconds >> shift) }
        let first = generator.next(), second = generator.next()
        func random(_ word: UInt64, _ shift: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: word >> shift) }
        return UUID(
            uuid: (
                time(40), time(32), time(24), time(16), time(8), time(0), 0x70 | random(first, 0) & 0x0F,
                random(first, 8), 0x80 | random(first, 16) & 0x3F, random(first, 24), random(second, 0),
                random(second, 8), random(second, 16), random(second, 24), random(second, 32), random(second, 40)
            ))
    }
}
