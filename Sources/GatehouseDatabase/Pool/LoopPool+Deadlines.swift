import GatehouseServer

extension LoopPool {
    /// Has the pool look at its deadlines at that time. One timer serves for all, and none is set if nothing is open
    /// and nobody waits.
    func arm(_ deadline: Int64) {
        guard deadline < armed, deadline < Self.never else { return }
        armed = deadline
        timer?.cancel()
        timer = loop.after(.nanoseconds(max(0, deadline &- PoolClock.now()))) { [self] in look() }
    }

    /// Looks at all deadlines.
    private func look() {
        armed = .max
        timer = nil
        // The timer's clock is finer than the pool's.
        let now = PoolClock.now() &+ Self.coarseness
        endWaiting(now)
        for connection in open where connection.deadline <= now { connection.giveUp() }
        closeIdle(now)
        serve()
        armNext()
    }

    private static let coarseness: Int64 = 4_000_000

    private func endWaiting(_ now: Int64) {
        while let request = queue.first, request.waitsSince &+ wait <= now {
            queue.remove(request)
            // A caller who has heard of it does not see himself waiting.
            publish()
            request.fail(exhausted(now))
        }
    }

    private func closeIdle(_ now: Int64) {
        for connection in idle where connection.since &+ idleLimit <= now || connection.expires <= now {
            idle.removeAll { $0 === connection }
            discard(connection)
        }
    }

    /// Sets the timer for the next deadline, if there is any.
    func armNext() {
        var next = Int64.max
        if let first = queue.first { next = first.waitsSince &+ wait }
        for connection in open { next = min(next, connection.deadline) }
        for connection in idle { next = min(next, connection.since &+ idleLimit) }
        if let outage, queue.count > 0, opening == 0 { next = min(next, outage.nextAttempt) }
        arm(next)
    }

    /// The error of a request that has waited too long: the limit, and whoever holds the connections.
    private func exhausted(_ now: Int64) -> DatabaseError {
        var message = "no connection to \(place) became free within \(settings.wait.brief) (wait)"
        let used = open.filter { connection in !idle.contains { $0 === connection } }
        if used.count < limit {
            message += ": \(used.count) of \(limit) are in use, and opening another one takes too long"
            if let outage { message += " (\(outage.error.message))" }
        } else {
            message += ": all \(limit) of this event loop (connections) are in use"
        }
        if let holders = holders(used, now) { message += ", \(holders)" }
        message += "; \(queue.count) others wait. Do nothing slow inside a transaction, or raise connections"
        return DatabaseError(.exhausted, message)
    }

    /// `3 by transactions, the longest for 4.2s, 1 by statements, the longest for 20ms (SELECT 1)`
    private func holders(_ used: [PooledConnection], _ now: Int64) -> String? {
        let lent = used.filter { $0.purpose != nil }
        let running = used.filter { $0.purpose == nil }
        var parts: [String] = []
        if let first = lent.min(by: { $0.since < $1.since }) {
            parts.append("\(lent.count) by transactions and streams, the longest for \(Self.age(first, now))")
        }
        if let first = running.min(by: { $0.since < $1.since }) {
            let statement = first.statement.map { " (\($0.written))" } ?? ""
            parts.append("\(running.count) by statements, the longest for \(Self.age(first, now))\(statement)")
        }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    private static func age(_ connection: PooledConnection, _ now: Int64) -> String {
        Duration.nanoseconds(max(0, now &- connection.since)).brief
    }
}
