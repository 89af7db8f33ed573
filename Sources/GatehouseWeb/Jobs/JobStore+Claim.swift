import FoundationEssentials
import GatehouseDatabase

/// Claims of jobs: no job has two at a time.
extension JobStore {
    /// Takes jobs that are due, for as long as the lease. Each is an attempt from this moment on, so that a job which
    /// kills its worker is not tried for ever.
    func claim(atMost count: Int, kinds: [String], lease: Duration) async throws -> [Claimed] {
        guard count > 0, !kinds.isEmpty else { return [] }
        let number = Int64.random(in: 1...Int64.max)
        let due: SQL = """
            SELECT id FROM gatehouse_job
            WHERE \(ours) AND state = \(State.waits) AND due <= \(now) AND kind IN \(list: kinds)
            ORDER BY due LIMIT \(count)
            """
        let claim: SQL = """
            state = \(State.runs), lease = \(number), attempts = attempts + 1, unique_key = NULL,
            due = \(now) + \(lease.asMilliseconds)
            """
        let rows: [(UUID, String, String, Int)]
        switch dialect {
        case .postgreSQL:
            // Not IN (SELECT … LIMIT), whose rows the server may find more than once.
            rows = try await database.all(
                """
                WITH found AS (\(due) FOR UPDATE SKIP LOCKED)
                UPDATE gatehouse_job SET \(claim) FROM found WHERE gatehouse_job.id = found.id
                RETURNING gatehouse_job.id, kind, payload, attempts
                """, UUID.self, String.self, String.self, Int.self)
        case .sqlite:
            rows = try await database.all(
                """
                UPDATE gatehouse_job SET \(claim) WHERE id IN (\(due)) RETURNING id, kind, payload, attempts
                """, UUID.self, String.self, String.self, Int.self)
        case .mySQL:
            // Read committed: no locks on the gaps between rows, where others insert.
            rows = try await database.transaction(.readCommitted, retries: 3) { transaction in
                let ids = try await transaction.all("\(due) FOR UPDATE SKIP LOCKED", UUID.self)
                guard !ids.isEmpty else { return [] }
                try await transaction.execute("UPDATE gatehouse_job SET \(claim) WHERE id IN \(list: ids)")
                return try await transaction.all(
                    "SELECT id, kind, payload, attempts FROM gatehouse_job WHERE id IN \(list: ids)",
                    UUID.self, String.self, String.self, Int.self)
            }
        }
        return rows.map { Claimed(id: $0.0, kind: $0.1, payload: $0.2, attempts: $0.3, lease: number) }
            .sorted { $0.id.uuidString < $1.id.uuidString }
    }

    /// Says that these jobs still run.
    /// - Returns: those that are another worker's by now.
    func extend(_ claims: [Claimed], lease: Duration) async throws(DatabaseError) -> [Claimed] {
        guard !claims.isEmpty else { return [] }
        let ids = claims.map(\.id), leases = claims.map(\.lease)
        let changes = try await database.execute(
            """
            UPDATE gatehouse_job SET due = \(now) + \(lease.asMilliseconds)
            WHERE id IN \(list: ids) AND state = \(State.runs) AND lease IN \(list: leases)
            """)
        guard changes.rows < claims.count else { return [] }
        let kept = try await database.all(
            "SELECT id, lease FROM gatehouse_job WHERE id IN \(list: ids) AND state = \(State.runs)", UUID.self,
            Int64?.self)
        return claims.filter { claim in !kept.contains { $0.0 == claim.id && $0.1 == claim.lease } }
    }

    /// The jobs whose workers were not heard of for longer than their lease, up to a hundred.
    func expired(kinds: [String]) async throws(DatabaseError) -> [Claimed] {
        let rows = try await database.all(
            """
            SELECT id, kind, attempts, lease FROM gatehouse_job
            WHERE \(ours) AND state = \(State.runs) AND due <= \(now) AND kind IN \(list: kinds) ORDER BY due LIMIT 100
            """, UUID.self, String.self, Int.self, Int64?.self)
        return rows.map { Claimed(id: $0.0, kind: $0.1, payload: "", attempts: $0.2, lease: $0.3 ?? 0) }
    }
}
