import CGatehouseDatabase

extension PostgreSQLConnection {
    /// The bytes of unwanted rows that are read to keep the connection: outside of a transaction a new connection is
    /// cheaper than more, and inside of one the transaction's work depends on it.
    private static let drainedBytes = 1 << 20
    private static let drainedBytesInTransaction = 64 << 20

    /// Takes a result.
    /// - Returns: whether there is more to read.
    func take(_ next: OpaquePointer, _ pointer: OpaquePointer) -> Bool {
        let status = gatehouse_pq_result_status(next)
        switch status {
        case PGRES_SINGLE_TUPLE, PGRES_TUPLES_OK: takeRows(next, isLast: status == PGRES_TUPLES_OK)
        // PGRES_TUPLES_CHUNK of libpq 17.
        case ExecStatusType(rawValue: 12): takeRows(next, isLast: false)
        case PGRES_COMMAND_OK:
            switch exchange.step {
            case .prepare(let job)?:
                exchange.jobs[job].statement.isOnServer = true
                exchange.jobs[job].statement.isBeingPrepared = false
            case .execute(let job)?: exchange.jobs[job].changes.rows = Self.affected(next)
            default: break
            }
            gatehouse_pq_clear(next)
        case PGRES_PIPELINE_SYNC:
            gatehouse_pq_clear(next)
            exchange.position += 1
            if exchange.step == nil {
                finish(pointer)
                return false
            }
            prepareForRows(pointer)
        case PGRES_PIPELINE_ABORTED: gatehouse_pq_clear(next)
        case PGRES_EMPTY_QUERY:
            gatehouse_pq_clear(next)
            exchange.fail(DatabaseError(.usage, "the statement is empty"), job: currentJob)
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            gatehouse_pq_clear(next)
            exchange.fail(DatabaseError(.usage, "COPY from STDIN or to STDOUT is not supported"), job: currentJob)
            abandon()
            return false
        default:
            defer { gatehouse_pq_clear(next) }
            return takeError(PostgreSQLError(next))
        }
        return true
    }

    private var currentJob: Int? {
        switch exchange.step {
        case .execute(let job)?, .prepare(let job)?: job
        default: nil
        }
    }

    // MARK: Errors

    private func takeError(_ error: PostgreSQLError) -> Bool {
        let cause = error.error(sent: mayHaveRun, cancelled: isCancelled)
        if error.endsSession {
            lose(cause)
            return false
        }
        switch exchange.step {
        case .remove?: return true
        case .prepare(let job)?:
            if error.isTaken(statement: exchange.jobs[job].statement.name) { exchange.renewal = .stale(job) }
        case .execute(let job)? where exchange.jobs[job].statement.isOnServer:
            if error.isLost(statement: exchange.jobs[job].statement.name) {
                exchange.renewal = .lost(job)
            } else if error.isStalePlan {
                exchange.renewal = .stale(job)
            }
        default: break
        }
        exchange.fail(cause, job: currentJob)
        return true
    }

    // MARK: Rows

    private func takeRows(_ next: OpaquePointer, isLast: Bool) {
        guard case .execute(let index)? = exchange.step else { return gatehouse_pq_clear(next) }
        if isLast { exchange.jobs[index].changes.rows = Self.affected(next) }
        guard gatehouse_pq_row_count(next) > 0 else { return gatehouse_pq_clear(next) }
        let statement = exchange.jobs[index].statement
        if let columns = statement.columns, hasColumns(columns, next) {
            if row.columns !== columns { row.columns = columns }
        } else {
            let columns = PostgreSQLRow.columns(of: next)
            statement.columns = columns
            row.columns = columns
        }
        result = next
        row.result = next
        row.row = 0
    }

    /// Whether a result's columns are those that the statement had the last time. The server sees to it for a prepared
    /// statement, so that their number is compared only.
    private func hasColumns(_ columns: ColumnNames, _ next: OpaquePointer) -> Bool {
        if row.columns === columns, exchange.hasDelivered { return true }
        return driver.lessons.preparesStatements
            ? Int(gatehouse_pq_column_count(next)) == columns.count : PostgreSQLRow.columns(columns, are: next)
    }

    /// Pushes the result's rows into the sink.
    /// - Returns: whether there is more to read now.
    func push(_ turn: inout LoopTurn) -> Bool {
        guard let result, case .execute(let index)? = exchange.step else { return false }
        let count = gatehouse_pq_row_count(result)
        let serial = exchange.serial
        while row.row < count, !exchange.isStopping, let sink = exchange.jobs[index].sink {
            exchange.hasDelivered = true
            let demand: RowDemand
            do {
                demand = try sink.take(row)
            } catch {
                exchange.fail(error, job: index)
                exchange.isRefused = true
                demand = .stop
            }
            // The sink may have closed the connection.
            guard pointer != nil, exchange.serial == serial else { return false }
            row.row += 1
            switch demand {
            case .more: break
            case .pause:
                exchange.isPaused = true
                wait()
                return false
            case .stop: exchange.isStopping = true
            }
            if turn.isOver {
                continueLater()
                return false
            }
        }
        if isCancelled, row.row < count {
            // Rows are missing, even if the server should say that all went well.
            exchange.fail(Self.cancellation, job: index)
        }
        if exchange.isStopping { exchange.drained += row.size(from: row.row, to: count) }
        gatehouse_pq_clear(result)
        self.result = nil
        row.result = nil
        return isWorthReading()
    }

    /// Whether to read on although nobody wants the rows: for the connection's sake, or because the end of what the
    /// statement does, or another statement, depends on it. If not, the connection is closed.
    private func isWorthReading() -> Bool {
        guard exchange.isStopping, !isCancelled else { return true }
        if exchange.isRefused, exchange.holdsSync {
            // Closing undoes the batch.
            abandon()
            return false
        }
        guard exchange.canBeLeft else { return true }
        let limit = exchange.beganInTransaction ? Self.drainedBytesInTransaction : Self.drainedBytes
        guard exchange.drained > limit else { return true }
        abandon()
        return false
    }

    /// The number in `INSERT 0 5`, `SELECT 5` and the like; 0 if there is none.
    private static func affected(_ result: OpaquePointer) -> Int {
        guard var digit = gatehouse_pq_affected(result) else { return 0 }
        var number = 0
        while (0x30...0x39).contains(digit.pointee), number < Int.max / 100 {
            number = number * 10 + Int(digit.pointee & 15)
            digit += 1
        }
        return number
    }
}
