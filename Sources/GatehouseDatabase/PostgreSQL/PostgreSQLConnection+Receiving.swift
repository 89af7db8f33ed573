import CGatehouseDatabase
import GatehouseServer

extension PostgreSQLConnection {
    /// Takes what the loop says of the descriptor.
    func ready(_ readiness: Readiness) {
        guard let pointer else { return }
        if absence != nil {
            if readiness.contains(.gone) { endWatch() }
            return
        }
        let hasInput = readiness.contains(.readable) || readiness.contains(.gone)
        if needsFlush {
            if hasInput, gatehouse_pq_peer_is_gone(gatehouse_pq_socket(pointer)) != 0 { isBroken = true }
            if !isBroken { flush() }
        }
        guard hasInput, !exchange.isSliced else { return }
        if exchange.isPaused {
            // Always reported; what has come before it is read when the sink goes on.
            if readiness.contains(.gone) { endWatch() }
            return
        }
        consume(pointer)
        if exchange.isRunning { read() } else { readIdle() }
    }

    private func consume(_ pointer: OpaquePointer) {
        guard gatehouse_pq_consume_input(pointer) != 1 else { return }
        isBroken = true
        // libpq closes the descriptor.
        endWatch()
    }

    func endWatch() {
        watch?.end()
        watch = nil
    }

    /// Takes notices, notifications and the end of a connection that nobody uses.
    private func readIdle() {
        var attempts = 0
        while let pointer {
            // It reads what has come, although nothing is on its way.
            _ = gatehouse_pq_is_busy(pointer)
            takeNotifications()
            if isBroken || gatehouse_pq_status(pointer) == CONNECTION_BAD { return loseInput() }
            attempts += 1
            guard hasHiddenInput(pointer, attempts) else { return }
            consume(pointer)
        }
    }

    func takeNotifications() {
        while let pointer, let onNotification, let notification = gatehouse_pq_notifies(pointer) {
            let (name, extra) = (notification.pointee.relname, notification.pointee.extra)
            let channel = name.map { String(cString: $0) } ?? ""
            let payload = extra.map { String(cString: $0) } ?? ""
            let process = notification.pointee.be_pid
            gatehouse_pq_freemem(notification)
            onNotification(channel, payload, process)
        }
    }

    private func loseInput() {
        guard let pointer else { return }
        let reason = LibPQ.line(gatehouse_pq_error_message(pointer))
        lose(
            DatabaseError(
                .connectionLost(sent: mayHaveRun), "the connection to \(driver.place) broke: \(reason)"))
    }

    /// Whether reading again finds what epoll does not see: bytes that TLS has taken from the socket already.
    private func hasHiddenInput(_ pointer: OpaquePointer, _ attempts: Int) -> Bool {
        switch gatehouse_pq_has_hidden_input(pointer) {
        case 0: false
        case 1: true
        // A record has 16 KiB at most, and libpq reads 8 at least.
        default: attempts <= 3
        }
    }

    /// Goes on with what is there in the loop's next turn.
    func continueLater() {
        exchange.isSliced = true
        let serial = exchange.serial
        loop.run { [self] in
            guard exchange.isRunning, exchange.serial == serial else { return }
            exchange.isSliced = false
            if !exchange.isPaused { read() }
        }
    }

    /// Takes all results that are there, for some time at most.
    func read() {
        guard !isReading else { return }
        isReading = true
        defer { isReading = false }
        var turn = LoopTurn()
        var attempts = 0
        while let pointer {
            if result != nil {
                guard push(&turn) else { return }
                continue
            }
            if gatehouse_pq_is_busy(pointer) != 0 {
                if isBroken { return loseInput() }
                attempts += 1
                guard watch == nil || hasHiddenInput(pointer, attempts) else { return }
                consume(pointer)
                continue
            }
            guard let next = gatehouse_pq_get_result(pointer) else {
                guard endStep(pointer) else { return }
                continue
            }
            attempts = 0
            guard take(next, pointer) else { return }
            if turn.isOver { return continueLater() }
        }
    }

    /// Takes the end of one statement's results.
    /// - Returns: whether there is more to read.
    private func endStep(_ pointer: OpaquePointer) -> Bool {
        guard exchange.isPipelined else {
            finish(pointer)
            return false
        }
        if case .sync? = exchange.step {
            // The Sync's own answer is a result. Between it and the last statement's there is nothing, usually.
            exchange.surplus += 1
            if isBroken || exchange.surplus > 8 {
                loseInput()
                return false
            }
            return true
        }
        exchange.position += 1
        if exchange.awaitsSync { return commit(pointer) }
        prepareForRows(pointer)
        return true
    }

    /// Sends the Sync that was held back. Without it nothing of the batch lasts.
    /// - Returns: whether there is more to read.
    private func commit(_ pointer: OpaquePointer) -> Bool {
        guard !isCancelled, !exchange.isRefused, exchange.endSinks() else {
            abandon()
            return false
        }
        exchange.steps[exchange.position] = .sync
        guard gatehouse_pq_pipeline_sync(pointer) == 1 else {
            loseInput()
            return false
        }
        flush()
        return self.pointer != nil
    }

    /// Ends the exchange, unless its statements are to be sent again.
    func finish(_ pointer: OpaquePointer) {
        if exchange.isPipelined, gatehouse_pq_exit_pipeline(pointer) != 1 { return loseInput() }
        if renew(pointer) { return send() }
        if exchange.forgetsStatements, !exchange.hasFailed {
            statements.removeAll()
        }
        let report = exchange.end()
        report?.deliver()
        if onNotification != nil { takeNotifications() }
    }

    /// Prepares anew what the server has lost or no longer carries out.
    /// - Returns: whether the statements can be sent again: nothing of them was carried out, and no transaction has
    ///   failed by them.
    private func renew(_ pointer: OpaquePointer) -> Bool {
        guard let renewal = exchange.renewal else { return false }
        switch renewal {
        case .lost(let job):
            statements.renew(exchange.jobs[job].statement)
            driver.lessons.noteLostStatement()
        case .stale(let job): statements.renew(exchange.jobs[job].statement)
        }
        exchange.forgetPreparation()
        exchange.attempts += 1
        guard !exchange.hasDelivered, !isCancelled, exchange.attempts <= exchange.jobs.count + 2,
            gatehouse_pq_transaction_status(pointer) == PQTRANS_IDLE
        else { return false }
        exchange.rewind()
        return true
    }
}
