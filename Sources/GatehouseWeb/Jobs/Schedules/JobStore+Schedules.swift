import FoundationEssentials
import GatehouseDatabase

/// The table `gatehouse_schedule`: a row for each schedule, with its next moment.
extension JobStore {
    /// Makes a schedule's row, or gives it a new moment if its rule has changed.
    func know(_ schedule: JobSchedule, now: Int64) async throws(DatabaseError) {
        guard let due = schedule.next(after: now) else { return }
        let insert: SQL = """
            INSERT INTO gatehouse_schedule (module, queue, name, spec, due)
            VALUES (\(module), \(queue), \(schedule.name), \(schedule.spec), \(due))
            """
        switch dialect {
        case .postgreSQL, .sqlite:
            try await database.execute(
                """
                \(insert) ON CONFLICT (module, queue, name) DO UPDATE SET spec = excluded.spec, due = excluded.due
                WHERE gatehouse_schedule.spec <> excluded.spec
                """)
        case .mySQL:
            // From left to right: the moment looks at the old rule.
            try await database.execute(
                """
                \(insert) ON DUPLICATE KEY UPDATE due = IF(spec <> VALUES(spec), VALUES(due), due), spec = VALUES(spec)
                """)
        }
    }

    /// Makes a schedule's job if its moment has come. Of several workers the one that moves the row on makes it, in
    /// one transaction; so no moment is lost or comes twice.
    func fire(_ schedule: JobSchedule) async throws {
        try await database.transaction(retries: 3) { transaction in
            let row = try await transaction.first(
                """
                SELECT due, job, \(now) FROM gatehouse_schedule
                WHERE \(ours) AND name = \(schedule.name) AND spec = \(schedule.spec)
                """, Int64.self, UUID?.self, Int64.self)
            guard let (due, last, now) = row, due <= now, let next = schedule.next(after: now) else { return }
            let moved = try await transaction.execute(
                """
                UPDATE gatehouse_schedule SET due = \(next)
                WHERE \(ours) AND name = \(schedule.name) AND spec = \(schedule.spec) AND due = \(due)
                """)
            guard moved.rows == 1 else { return }
            if let last {
                let isThere = try await transaction.first(
                    "SELECT 1 FROM gatehouse_job WHERE id = \(last) AND state <> \(State.dead)", Int.self)
                if isThere != nil { return }
            }
            let payload = JobSchedule.payload(due: due)
            let id = try await insert(kind: schedule.kind, payload, .after(.zero), key: nil, to: transaction)
            try await transaction.execute(
                "UPDATE gatehouse_schedule SET job = \(id) WHERE \(ours) AND name = \(schedule.name)")
        }
    }
}
