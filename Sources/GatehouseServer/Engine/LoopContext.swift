package import Logging
package import NIOCore
package import GatehouseWire

/// What the connections of one event loop share: its executor, its clock's tick, its caches, and the list of them all.
///
/// Confined to its loop but for `eventLoop`, `executor` and the two methods that say otherwise; hence `@unchecked`.
package final class LoopContext: @unchecked Sendable {
    package let eventLoop: any EventLoop
    package let limits: Limits
    package let logger: Logger
    package let mounts: MountTable
    package let blockingExecutor: BlockingExecutor
    package private(set) var executor: LoopExecutor!

    /// Requests whose handler runs, and work they left for after their response. A worker ends when there is none.
    package var tasksInFlight = 0 {
        didSet { if tasksInFlight == 0 { wakeWhenQuiet() } }
    }
    private var lastRequestNumber: UInt64
    package var headerNames = HeaderNameCache()
    package private(set) var isDraining = false

    private var members: [ObjectIdentifier: any LoopMember] = [:]
    private var dirty: [any LoopMember] = []
    private var ticker: RepeatedTask?
    private var quietWaiters: [EventLoopPromise<Void>] = []
    /// Told whenever a connection has gone, so that a full worker accepts again.
    package var memberLeft: (() -> Void)?

    /// How often deadlines are looked at: a tenth of the shortest time that anyone would set.
    private static let tickInterval = TimeAmount.milliseconds(100)

    /// For so many ticks a draining worker waits for requests that may be on their way on idle connections.
    private static let idleTicks = 3
    private var ticksSinceDrain = 0

    package init(
        eventLoop: any EventLoop, index: Int = 0, limits: Limits, logger: Logger, mounts: MountTable,
        blockingExecutor: BlockingExecutor
    ) {
        self.eventLoop = eventLoop
        self.limits = limits
        self.logger = logger
        self.mounts = mounts
        self.blockingExecutor = blockingExecutor
        // Numbers of different loops do not meet in the lifetime of a worker.
        lastRequestNumber = UInt64(index) << 40
        executor = LoopExecutor(eventLoop: eventLoop) { [unowned self] in flushDirty() }
    }

    package var connectionCount: Int { members.count }

    package func add(_ member: any LoopMember) {
        members[ObjectIdentifier(member)] = member
        if isDraining { member.drain() }
        if ticker == nil {
            ticker = eventLoop.scheduleRepeatedTask(initialDelay: Self.tickInterval, delay: Self.tickInterval) {
                [unowned self] _ in tick()
            }
        }
    }

    package func remove(_ member: any LoopMember) {
        guard members.removeValue(forKey: ObjectIdentifier(member)) != nil else { return }
        if members.isEmpty {
            // An idle worker does not wake up ten times a second for nothing.
            ticker?.cancel()
            ticker = nil
            wakeWhenQuiet()
        }
        memberLeft?()
    }

    /// Has `member` flush before the loop goes back to waiting.
    package func markDirty(_ member: any LoopMember) {
        dirty.append(member)
    }

    package func flushDirty() {
        while let member = dirty.popLast() { member.flushOutput() }
    }

    private func tick() {
        let now = Self.now()
        for member in members.values { member.tick(now: now) }
        if isDraining {
            ticksSinceDrain += 1
            if ticksSinceDrain >= Self.idleTicks { closeIdle() }
        }
        flushDirty()
    }

    func nextRequestNumber() -> UInt64 {
        lastRequestNumber += 1
        return lastRequestNumber
    }

    package static func now() -> Int64 {
        Int64(NIODeadline.now().uptimeNanoseconds)
    }

    // MARK: Ending

    /// Takes nothing new on any connection: each answers what it has, and a request that was already on its way.
    package func drain() {
        guard !isDraining else { return }
        isDraining = true
        for member in members.values { member.drain() }
        flushDirty()
    }

    private func closeIdle() {
        for member in members.values { member.closeIfIdle() }
    }

    package func abandonAll() {
        for member in members.values { member.abandon() }
    }

    /// Succeeds when no connection and no handler is left.
    package func whenQuiet() -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        quietWaiters.append(promise)
        wakeWhenQuiet()
        return promise.futureResult
    }

    private func wakeWhenQuiet() {
        guard members.isEmpty, tasksInFlight == 0, !quietWaiters.isEmpty else { return }
        let waiters = quietWaiters
        quietWaiters = []
        for waiter in waiters { waiter.succeed() }
    }
}
