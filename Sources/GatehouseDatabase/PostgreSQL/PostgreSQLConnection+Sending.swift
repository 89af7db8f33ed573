import CGatehouseDatabase
import GatehouseServer

extension PostgreSQLConnection {
    /// The most rows of a result at a time, if libpq can do more than one.
    private static let rowsAtATime: Int32 = 64

    /// Sends what the exchange has to do, in one `send` if the socket takes it.
    func send() {
        guard let pointer else { return }
        exchange.beganInTransaction = gatehouse_pq_transaction_status(pointer) == PQTRANS_INTRANS
        let prepares = driver.lessons.preparesStatements
        let isSent: Bool
        if exchange.jobs.count == 1, !prepares || exchange.jobs[0].statement.isOnServer {
            isSent = execute(0, on: pointer, prepares)
        } else {
            isSent = sendPipeline(pointer, prepares)
        }
        guard isSent else { return failSending(pointer) }
        prepareForRows(pointer)
        flush()
    }

    /// Sends one statement's execution.
    private func execute(_ index: Int, on pointer: OpaquePointer, _ prepares: Bool) -> Bool {
        let job = exchange.jobs[index]
        exchange.steps.append(.execute(index))
        let count = Int32(job.parameters)
        return parameters.withPointers(from: job.firstParameter, count: job.parameters) { values, lengths, formats in
            prepares
                ? gatehouse_pq_send_prepared(pointer, job.statement.name, count, values, lengths, formats)
                : gatehouse_pq_send_unnamed(pointer, job.statement.text, count, values, lengths, formats)
        } == 1
    }

    /// Sends statements with one Sync, which makes them one transaction, and prepares the new ones on the way.
    private func sendPipeline(_ pointer: OpaquePointer, _ prepares: Bool) -> Bool {
        guard gatehouse_pq_enter_pipeline(pointer) == 1 else { return false }
        exchange.isPipelined = true
        for index in exchange.jobs.indices {
            let statement = exchange.jobs[index].statement
            if prepares, !statement.isOnServer, !statement.isBeingPrepared {
                exchange.steps.append(.prepare(index))
                guard gatehouse_pq_send_prepare(pointer, statement.name, statement.text) == 1 else { return false }
                statement.isBeingPrepared = true
            }
            guard execute(index, on: pointer, prepares) else { return false }
        }
        exchange.steps.append(.sync)
        guard gatehouse_pq_pipeline_sync(pointer) == 1 else { return false }
        return removeEvicted(pointer)
    }

    /// Removes statements that have fallen out of use, behind a Sync of its own, since some statements must be alone.
    private func removeEvicted(_ pointer: OpaquePointer) -> Bool {
        guard gatehouse_pq_transaction_status(pointer) != PQTRANS_INERROR else { return true }
        let names = statements.takeEvicted()
        for name in names {
            exchange.steps.append(.remove)
            guard gatehouse_pq_send_unnamed(pointer, "DEALLOCATE \"\(name)\"", 0, nil, nil, nil) == 1 else {
                return false
            }
        }
        guard !names.isEmpty else { return true }
        exchange.steps.append(.sync)
        return gatehouse_pq_pipeline_sync(pointer) == 1
    }

    private func failSending(_ pointer: OpaquePointer) {
        let reason = LibPQ.line(gatehouse_pq_error_message(pointer))
        // Without the Sync at its end nothing of a batch lasts, unless it has a COMMIT of its own.
        lose(
            DatabaseError(
                .connectionLost(sent: exchange.jobs.count > 1),
                "cannot send a statement to \(driver.place): \(reason)"))
    }

    /// Has the rows of the statement whose answer comes next handed out as they come.
    func prepareForRows(_ pointer: OpaquePointer) {
        if case .execute = exchange.step { gatehouse_pq_set_row_mode(pointer, Self.rowsAtATime) }
    }

    /// Writes what the socket takes.
    func flush() {
        guard let pointer else { return }
        // A failure shows when reading.
        needsFlush = gatehouse_pq_flush(pointer) > 0
        wait()
    }

    /// Waits for what is needed now.
    func wait() {
        var readiness: Readiness = exchange.isPaused ? [] : .readable
        if needsFlush { readiness.insert(.writable) }
        watch?.change(to: readiness)
    }
}
