import GatehouseDatabase
import GatehousePlan

extension JobStore {
    /// One statement's look at everything that a worker wants to know.
    struct Look: Sendable {
        var now: Int64
        /// The moment from which the next job of our kinds may run.
        var nextDue: Int64?
        /// The moment at which the first lease ends.
        var nextExpiry: Int64?
        /// The moment of the next run of our schedules.
        var nextScheduled: Int64?
        var waiting: Int
        var running: Int
        var dead: Int
        /// The moment since which the oldest job waits.
        var oldest: Int64?

        /// The time until the next job may run; `nil` if there is none.
        var nextJob: Duration? { nextDue.map { .milliseconds(max(0, min($0 - now, 1 << 40))) } }
    }

    /// Each part reads an index in its order, and no further than to its limit.
    func look(kinds: [String], schedules: [String]) async throws(DatabaseError) -> Look {
        func first(_ state: Int, _ more: SQL = "") -> SQL {
            "(SELECT due FROM gatehouse_job WHERE \(ours) AND state = \(state)\(more) ORDER BY due LIMIT 1)"
        }
        func count(_ state: Int) -> SQL {
            """
            (SELECT count(*) FROM (SELECT 1 AS one FROM gatehouse_job WHERE \(ours) AND state = \(state)
            LIMIT \(JobUse.most)) AS counted)
            """
        }
        let scheduled: SQL = "(SELECT min(due) FROM gatehouse_schedule WHERE \(ours) AND name IN \(list: schedules))"
        let row = try await database.one(
            """
            SELECT \(now), \(first(State.waits, " AND kind IN \(list: kinds)")), \(first(State.runs)),
            \(schedules.isEmpty ? "NULL" : scheduled), \(count(State.waits)), \(count(State.runs)),
            \(count(State.dead)), \(first(State.waits))
            """, Int64.self, Int64?.self, Int64?.self, Int64?.self, Int.self, Int.self, Int.self, Int64?.self)
        return Look(
            now: row.0, nextDue: row.1, nextExpiry: row.2, nextScheduled: row.3, waiting: row.4, running: row.5,
            dead: row.6, oldest: row.7)
    }
}
