import Logging

/// The loop's end: it drains or hands its connections over, and says when nothing is left.
extension LoopContext {
    /// The ticks for which a draining worker waits for requests that may be on their way on idle connections.
    private static var idleTicks: Int { 3 }

    // MARK: Draining

    /// Takes nothing new on any connection: each answers the requests that it has, and one that was on its way.
    package func drain() {
        guard !isDraining else { return }
        isDraining = true
        startTicking()
        for connection in connections.all { connection.drain() }
        if connections.isEmpty { endIdleTasks() }
        flushDirty()
    }

    /// Does what `drain()` does, and hands over connections as soon as they are idle. `nil` takes that back.
    package func drain(handingOverTo handOver: HandOverSocket?) {
        self.handOver = handOver
        drain()
        if handsOver { handOverAll() }
    }

    /// Whether idle connections go to another worker.
    package var handsOver: Bool { handOver?.isUsable ?? false }

    func tickDraining() {
        // Once no worker takes connections any more, requests that may be on their way get their time from that moment.
        ticksSinceDrain = handsOver ? 0 : ticksSinceDrain + 1
        if handsOver {
            handOverAll()
        } else if ticksSinceDrain >= Self.idleTicks {
            for connection in connections.all { connection.closeIfIdle() }
        }
    }

    private func handOverAll() {
        for connection in connections.all { connection.handOverIfIdle() }
    }

    package func abandonAll() {
        for connection in connections.all { connection.abandon() }
    }

    // MARK: Waiting for the end

    /// Returns when no connection and no handler is left. From any thread.
    package func whenQuiet() async {
        await withCheckedContinuation { continuation in
            poll.execute { [self] in
                quietWaiters.append(continuation)
                wakeWhenQuiet()
            }
        }
    }

    /// Returns when every peer has taken all that was written for it, which each tick checks. From any thread.
    package func whenSent() async {
        await withCheckedContinuation { continuation in
            poll.execute { [self] in
                sentWaiters.append(continuation)
                startTicking()
                wakeWhenSent()
            }
        }
    }

    func wakeWhenQuiet() {
        if connections.isEmpty, tasksInFlight == 0 { Self.resume(&quietWaiters) }
    }

    func wakeWhenSent() {
        guard !sentWaiters.isEmpty, !connections.all.contains(where: { $0.owesOutput }) else { return }
        Self.resume(&sentWaiters)
    }

    /// Ends the waiting for peers that take nothing.
    package func giveUpSending() {
        Self.resume(&sentWaiters)
    }

    /// Ends the waiting for handlers that do not end.
    package func giveUpWaiting() {
        if tasksInFlight > 0 {
            logger.warning("leaving although \(tasksInFlight) handlers did not end when they were cancelled")
        }
        Self.resume(&quietWaiters)
    }

    /// Whether a tick is waited for: by a drain, or by whoever waits for written bytes to leave.
    var isEnding: Bool { isDraining && !connections.isEmpty || !sentWaiters.isEmpty }

    private static func resume(_ waiters: inout [CheckedContinuation<Void, Never>]) {
        let waiting = waiters
        waiters = []
        for waiter in waiting { waiter.resume() }
    }
}
