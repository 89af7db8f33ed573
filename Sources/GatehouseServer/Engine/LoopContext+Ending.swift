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
        for member in members.values { member.drain() }
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
            for member in members.values { member.closeIfIdle() }
        }
    }

    private func handOverAll() {
        // A copy, because each that goes changes the list.
        for member in Array(members.values) { member.handOverIfIdle() }
    }

    package func abandonAll() {
        for member in members.values { member.abandon() }
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
                wakeWhenSent()
            }
        }
    }

    func wakeWhenQuiet() {
        if members.isEmpty, tasksInFlight == 0 { Self.resume(&quietWaiters) }
    }

    func wakeWhenSent() {
        guard !sentWaiters.isEmpty, !members.values.contains(where: { $0.owesOutput }) else { return }
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

    private static func resume(_ waiters: inout [CheckedContinuation<Void, Never>]) {
        let waiting = waiters
        waiters = []
        for waiter in waiting { waiter.resume() }
    }
}

/// A connection as its loop sees it.
package protocol LoopMember: AnyObject {
    /// Checks every deadline.
    func tick(now: Int64)
    /// Sends what handlers have written since the last time.
    func flushOutput()
    /// Answers what is in flight and at most one more request, then closes.
    func drain()
    /// Closes if nothing is in flight, because the worker is about to end.
    func closeIfIdle()
    /// Gives the connection to another worker if nothing is in flight. It stays if that is not possible just now.
    func handOverIfIdle()
    /// Bytes of unfinished parameters.
    var unfinishedHeadBytes: Int { get }
    /// Closes, because the worker has no room for the unfinished parameters.
    func closeForWantOfRoom()
    /// Cancels what is in flight, and closes when all that was written has left.
    func abandon()
    /// Whether written bytes wait for the peer to take them.
    var owesOutput: Bool { get }
}

/// The members of a loop that have written something which is to be sent. On the loop only; hence unchecked.
final class DirtyMembers: @unchecked Sendable {
    private var members: [any LoopMember] = []

    func add(_ member: any LoopMember) { members.append(member) }

    func flush() {
        while let member = members.popLast() { member.flushOutput() }
    }
}
