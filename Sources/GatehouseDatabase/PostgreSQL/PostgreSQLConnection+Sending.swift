import CGatehouseDatabase
import GatehouseServer

extension PostgreSQLConnection {
    /// The most rows of a result at a time, if libpq can do more than one. A result that has no more by its statement's
    /// `LIMIT` is taken as a whole: row by row, libpq before 17 copies the columns' names for each, which is a tenth of
    /// the time of a page of fifty rows.
    static let rowsAtATime: Int32 = 64

    /// Sends what the exchange has to do, in one `send` if the socket takes it.
    func send() {
        guard let pointer else { return }
        exchange.beganInTransaction = gatehouse_pq_transaction_status(pointer) == PQTRANS_INTRANS
        plan(pointer)
        if parameters.byteCount > Self.bytesOnLoop, leave() { return }
        guard transmit(pointer) else { return failSending(pointer) }
        prepareForRows(pointer)
        flush()
    }

    /// Decides which messages to send: a known statement alone; anything else in a pipeline with one Sync, which makes
    /// it one transaction, and new statements are prepared on the way.
    private func plan(_ pointer: OpaquePointer) {
        let prepares = driver.lessons.preparesStatements
        let isIdle = gatehouse_pq_transaction_status(pointer) == PQTRANS_IDLE
        let holdsSync = isIdle && exchange.mayBeRefused
        exchange.prepares = prepares
        if isIdle { planRemovals() }
        if exchange.steps.isEmpty, !holdsSync, exchange.jobs.count == 1,
            !prepares || exchange.jobs[0].statement.isOnServer
        {
            return exchange.steps.append(.execute(0))
        }
        exchange.isPipelined = true
        for index in exchange.jobs.indices {
            let statement = exchange.jobs[index].statement
            if prepares, !statement.isOnServer, !statement.isBeingPrepared {
                exchange.steps.append(.prepare(index))
                statement.isBeingPrepared = true
            }
            exchange.steps.append(.execute(index))
        }
        exchange.steps.append(holdsSync ? .heldSync : .sync)
    }

    /// Plans the removal of prepared statements before anything else, with a Sync of its own: a failure then harms
    /// nothing, and what is sent last is the statement's. Only outside of a transaction, which a failure would end.
    private func planRemovals() {
        guard !statements.evicted.isEmpty else { return }
        exchange.removals = statements.takeEvicted()
        for index in exchange.removals.indices { exchange.steps.append(.remove(index)) }
        if !exchange.removals.isEmpty { exchange.steps.append(.sync) }
    }

    /// Hands the planned messages to libpq.
    private func transmit(_ pointer: OpaquePointer) -> Bool {
        if exchange.isPipelined, gatehouse_pq_enter_pipeline(pointer) != 1 { return false }
        for step in exchange.steps {
            let isTaken =
                switch step {
                case .prepare(let index):
                    gatehouse_pq_send_prepare(
                        pointer, exchange.jobs[index].statement.name, exchange.jobs[index].statement.text)
                case .execute(let index): execute(index, on: pointer)
                case .remove(let index):
                    gatehouse_pq_send_unnamed(
                        pointer, "DEALLOCATE \"\(exchange.removals[index])\"", 0, nil, nil, nil)
                case .sync: gatehouse_pq_pipeline_sync(pointer)
                case .heldSync: gatehouse_pq_flush_request(pointer)
                }
            guard isTaken == 1 else { return false }
        }
        return true
    }

    private func execute(_ index: Int, on pointer: OpaquePointer) -> Int32 {
        let statement = exchange.jobs[index].statement
        let count = exchange.jobs[index].parameters
        let prepares = exchange.prepares
        return parameters.withPointers(
            from: exchange.jobs[index].firstParameter, count: count
        ) { values, lengths, formats in
            guard prepares else {
                return gatehouse_pq_send_unnamed(pointer, statement.text, Int32(count), values, lengths, formats)
            }
            return statement.cName.withUnsafeBufferPointer { name in
                // It ends with its zero, so that it has an address.
                name.baseAddress.map {
                    gatehouse_pq_send_prepared(pointer, $0, Int32(count), values, lengths, formats)
                } ?? 0
            }
        }
    }

    // MARK: Large statements

    /// The bytes of values up to which the loop sends. libpq moves what is left in its memory after each piece that the
    /// socket takes, so that a hundred megabytes in pieces cost seconds.
    private static let bytesOnLoop = 1 << 20

    /// Sends on a thread, by libpq's calls that block.
    /// - Returns: whether there is one. Until it has come back, nobody else uses libpq's object, and of the exchange
    ///   nothing changes.
    private func leave() -> Bool {
        guard let pointer else { return false }
        let held = gatehouse_pq_hold(gatehouse_pq_socket(pointer))
        guard held >= 0 else { return false }
        absence = Absence(socket: held)
        watch?.change(to: [])
        do {
            try PlainThread.run { [self] in
                let isSent = sendBlocking()
                loop.run { self.comeBack(isSent) }
            }
            return true
        } catch {
            gatehouse_pq_let_go(held)
            absence = nil
            return false
        }
    }

    private func sendBlocking() -> Bool {
        guard let pointer, gatehouse_pq_set_blocking(pointer, 1) == 0 else { return false }
        let isSent = transmit(pointer) && gatehouse_pq_flush(pointer) == 0
        return gatehouse_pq_set_blocking(pointer, 0) == 0 && isSent
    }

    private func comeBack(_ isSent: Bool) {
        guard let absence, let pointer else { return }
        gatehouse_pq_let_go(absence.socket)
        self.absence = nil
        needsFlush = !isSent
        switch absence.ending {
        case .cancel?: return abandon()
        case .close?: return close()
        case nil: break
        }
        guard isSent else { return failSending(pointer) }
        prepareForRows(pointer)
        wait()
        // libpq has read while it wrote.
        continueLater()
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
        guard case .execute(let job) = exchange.step else { return }
        if !isCancelled {
            // The statement before it is done, and with it its sink's wish to have no more.
            exchange.isStopping = false
            exchange.drained = 0
        }
        if !exchange.jobs[job].isShort { gatehouse_pq_set_row_mode(pointer, Self.rowsAtATime) }
    }

    /// Writes what the socket takes.
    func flush() {
        guard let pointer else { return }
        let outcome = gatehouse_pq_flush(pointer)
        if outcome < 0 { return failFlushing() }
        let isUnsent = outcome > 0
        guard isUnsent || needsFlush else { return }
        needsFlush = isUnsent
        wait()
    }

    /// Has the loss found by reading. libpq may have closed the descriptor, of which the loop then says nothing more.
    private func failFlushing() {
        needsFlush = true
        isBroken = true
        endWatch()
        continueLater()
    }

    /// Waits for what is needed now.
    func wait() {
        var readiness: Readiness = exchange.isPaused ? [] : .readable
        if needsFlush { readiness.insert(.writable) }
        watch?.change(to: readiness)
    }
}
