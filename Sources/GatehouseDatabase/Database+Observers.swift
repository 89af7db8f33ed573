import GatehouseSystem
import Synchronization

/// A statement that is done, for metrics.
public struct StatementEvent: Sendable {
    /// The statement as it was written, with a placeholder for each value, so that equal statements have equal texts.
    public var statement: String
    /// The time from the call to the last row, the wait included.
    public var duration: Duration
    /// The time that the statement has waited for a connection.
    public var wait: Duration
    /// The rows that were changed or returned.
    public var rows: Int
    /// The kind of the error; `nil` if there was none.
    public var error: DatabaseError.Kind?
    /// Whether the statement was part of a transaction; `BEGIN` and `COMMIT` are, too.
    public var isInTransaction: Bool
}

extension Database {
    /// Calls `observer` after every statement, on the thread of its caller. It must not block. Without an observer
    /// nothing is measured.
    public func observe(_ observer: @escaping @Sendable (StatementEvent) -> Void) {
        observers.add(observer)
    }
}

/// The observers of a database.
final class Observers: Sendable {
    private let all = Mutex<[@Sendable (StatementEvent) -> Void]>([])
    private let count = Atomic(0)

    /// Whether anybody wants to know.
    var areThere: Bool { count.load(ordering: .relaxed) > 0 }

    func add(_ observer: @escaping @Sendable (StatementEvent) -> Void) {
        all.withLock { $0.append(observer) }
        count.add(1, ordering: .relaxed)
    }

    /// Runs `work`, and tells the observers of it.
    func observe(
        _ observation: Observation, _ work: () async throws(DatabaseError) -> Changes
    ) async throws(DatabaseError) -> Changes {
        do {
            let changes = try await work()
            tell(observation.event(rows: changes.rows, nil))
            return changes
        } catch {
            tell(observation.event(rows: 0, error.kind))
            throw error
        }
    }

    func tell(_ event: @autoclosure () -> StatementEvent) {
        guard areThere else { return }
        let event = event()
        for observer in all.withLock({ $0 }) { observer(event) }
    }
}

/// One statement that is observed.
struct Observation {
    let start = StatementStart()
    private let sql: SQL
    private let isInTransaction: Bool
    private let began = MonotonicClock.nanoseconds()

    init(of sql: SQL, isInTransaction: Bool) {
        self.sql = sql
        self.isInTransaction = isInTransaction
    }

    func event(rows: Int, _ error: DatabaseError.Kind?) -> StatementEvent {
        let now = MonotonicClock.nanoseconds()
        // A statement that never got a connection has done nothing but wait.
        let wait = isInTransaction ? 0 : (start.moment ?? now) - began
        return StatementEvent(
            statement: sql.written, duration: .nanoseconds(now - began), wait: .nanoseconds(wait), rows: rows,
            error: error, isInTransaction: isInTransaction)
    }
}
