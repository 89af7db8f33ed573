import Gatehouse
import GatehouseDatabase
import Logging
import Synchronization

extension DatabaseSessions {
    /// The row that says when the table is cleaned next, by its time of use. No session's id has a colon.
    static let cleaningRow = "gatehouse:cleaning"
    /// The time between two looks for sessions that have expired, in seconds.
    static let cleaningInterval = 600
    /// The most rows that one statement deletes, and the most such statements of one cleaning.
    private static let batch = (rows: 500, count: 20)

    /// Deletes sessions that have expired, after the response, if no worker has done so for a while: whoever changes
    /// the time in the table's own row first does the work.
    func cleanUp(now: Int, after request: GatewayRequest) {
        let due = nextCleaning.load(ordering: .relaxed)
        guard now >= due,
            nextCleaning.compareExchange(expected: due, desired: now + Self.cleaningInterval, ordering: .relaxed)
                .exchanged
        else { return }
        request.afterResponse { [self] in
            do {
                try await clean(now: now)
            } catch {
                database.context.logger.warning("expired sessions could not be deleted: \(error)")
            }
        }
    }

    /// - Returns: the number of sessions that were deleted; `nil` if it is not yet time, or another worker's turn.
    @discardableResult
    func clean(now: Int) async throws(DatabaseError) -> Int? {
        // A time that is further away than an interval is that of a host whose clock was wrong.
        let next = now + Self.cleaningInterval
        let claim = try await database.execute(
            """
            UPDATE gatehouse_session SET used = \(next)
            WHERE id = \(Self.cleaningRow) AND (used <= \(now) OR used > \(next))
            """)
        guard claim.rows > 0 else { return nil }
        var deleted = 0
        for _ in 0..<Self.batch.count {
            let ids = try await database.all(
                "SELECT id FROM gatehouse_session WHERE expires <= \(now) ORDER BY expires LIMIT \(Self.batch.rows)",
                String.self)
            guard !ids.isEmpty else { break }
            // One that has been used in this moment stays. By the rows' own keys ("+ 0" keeps from the index): MySQL
            // locks them in the order in which requests do, and finds no deadlock.
            deleted += try await database.execute(
                "DELETE FROM gatehouse_session WHERE id IN \(list: ids) AND expires + 0 <= \(now)"
            ).rows
            if ids.count < Self.batch.rows { break }
        }
        return deleted
    }
}
