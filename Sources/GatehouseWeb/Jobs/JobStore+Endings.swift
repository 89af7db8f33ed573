import FoundationEssentials
import GatehouseDatabase

/// Ends of attempts. Each holds for the worker alone that still has the job: `false` says that it is another one's.
extension JobStore {
    private func still(_ job: Claimed) -> SQL {
        "id = \(job.id) AND state = \(State.runs) AND lease = \(job.lease)"
    }

    /// The job is done.
    func remove(_ job: Claimed, in place: some Queryable) async throws(DatabaseError) -> Bool {
        try await place.execute("DELETE FROM gatehouse_job WHERE \(still(job))").rows > 0
    }

    /// The job waits for its next attempt.
    func putBack(_ job: Claimed, after delay: Duration, error: String) async throws(DatabaseError) -> Bool {
        let due = moment(.after(delay))
        return try await database.execute(
            """
            UPDATE gatehouse_job SET state = \(State.waits), lease = NULL, due = \(due), error = \(error)
            WHERE \(still(job))
            """
        ).rows > 0
    }

    /// The attempt was not the job's: its worker had to end.
    func giveBack(_ job: Claimed) async throws(DatabaseError) -> Bool {
        try await database.execute(
            """
            UPDATE gatehouse_job SET state = \(State.waits), lease = NULL, due = \(now), attempts = attempts - 1
            WHERE \(still(job))
            """
        ).rows > 0
    }

    /// The job is tried no more.
    func bury(_ job: Claimed, error: String) async throws(DatabaseError) -> Bool {
        try await database.execute(
            """
            UPDATE gatehouse_job SET state = \(State.dead), lease = NULL, due = \(now), error = \(error)
            WHERE \(still(job))
            """
        ).rows > 0
    }

    // MARK: The dead

    func dead(atMost count: Int) async throws(DatabaseError) -> [DeadJob] {
        let rows = try await database.all(
            """
            SELECT id, kind, payload, attempts, error, created, due FROM gatehouse_job
            WHERE \(ours) AND state = \(State.dead) ORDER BY due DESC LIMIT \(count)
            """, UUID.self, String.self, String.self, Int.self, String?.self, Int64.self, Int64.self)
        return rows.map { row in
            DeadJob(
                id: row.0, kind: row.1, payload: row.2, attempts: row.3, error: row.4 ?? "",
                created: Date(millisecondsSince1970: row.5), died: Date(millisecondsSince1970: row.6))
        }
    }

    func revive(_ id: UUID) async throws(DatabaseError) -> Bool {
        try await database.execute(
            """
            UPDATE gatehouse_job SET state = \(State.waits), attempts = 0, due = \(now)
            WHERE id = \(id) AND \(ours) AND state = \(State.dead)
            """
        ).rows > 0
    }

    func delete(_ id: UUID) async throws(DatabaseError) -> Bool {
        try await database.execute(
            "DELETE FROM gatehouse_job WHERE id = \(id) AND \(ours) AND state <> \(State.runs)"
        ).rows > 0
    }

    /// Deletes what has been dead for longer.
    func forgetDead(after time: Duration) async throws(DatabaseError) {
        try await database.execute(
            """
            DELETE FROM gatehouse_job
            WHERE \(ours) AND state = \(State.dead) AND due < \(now) - \(time.asMilliseconds)
            """)
    }
}
