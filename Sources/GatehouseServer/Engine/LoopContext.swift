package import GatehouseWire
package import Logging
import NIOCore

/// What the connections of one loop share: its executor, its tick, its caches, and the list of them all.
///
/// Confined to its loop's thread but for `poll` and `executor`; hence `@unchecked`.
package final class LoopContext: @unchecked Sendable {
    package let poll: PollLoop
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
    /// Tasks that wait for a request; the one that waits least is taken first, its memory is still in the cache.
    private var idleTasks: [HandlerTask] = []
    private var quietWaiters: [CheckedContinuation<Void, Never>] = []
    /// Listeners that wait for room. They go on when a connection has gone, or with the next tick.
    private var pausedListeners: [SocketListener] = []
    /// What every read goes into. Who keeps a part of it keeps the memory, and the next read gets new.
    var readBuffer = ByteBufferAllocator().buffer(capacity: 65_536)
    private let clock: @Sendable () -> Int64
    /// How many connections this loop may have.
    private let connectionLimit: Int

    /// For so many ticks a draining worker waits for requests that may be on their way on idle connections.
    private static let idleTicks = 3
    private var ticksSinceDrain = 0
    /// As many as one front server keeps connections, with some to spare. Each has a few kilobytes.
    private static let idleTaskLimit = 128

    package init(
        poll: PollLoop, index: Int = 0, connectionLimit: Int = .max, limits: Limits, logger: Logger, mounts: MountTable,
        blockingExecutor: BlockingExecutor,
        clock: @escaping @Sendable () -> Int64 = { PollLoop.now() }
    ) {
        self.poll = poll
        self.clock = clock
        self.connectionLimit = connectionLimit
        self.limits = limits
        self.logger = logger
        self.mounts = mounts
        self.blockingExecutor = blockingExecutor
        // Numbers of different loops do not meet in the lifetime of a worker.
        lastRequestNumber = UInt64(index) << 40
        executor = LoopExecutor(loop: poll) { [weak self] in self?.flushDirty() }
        poll.execute { [self] in poll.executor = executor }
    }

    var isFull: Bool { members.count >= connectionLimit }

    package func add(_ member: any LoopMember) {
        members[ObjectIdentifier(member)] = member
        if isDraining { member.drain() }
        startTicking()
    }

    package func remove(_ member: any LoopMember) {
        guard members.removeValue(forKey: ObjectIdentifier(member)) != nil else { return }
        resumeListeners()
        guard members.isEmpty else { return }
        wakeWhenQuiet()
        let ending = idleTasks
        idleTasks = []
        for task in ending { task.end() }
    }

    // MARK: Tasks

    /// A task for a handler.
    func takeTask() -> HandlerTask {
        idleTasks.popLast() ?? HandlerTask(loop: self)
    }

    /// Whether a task whose handler has ended shall wait for another request.
    var wantsIdleTasks: Bool { !members.isEmpty && idleTasks.count < Self.idleTaskLimit }

    func keepIdle(_ task: HandlerTask) {
        idleTasks.append(task)
    }

    private func startTicking() {
        guard poll.tick == nil else { return }
        poll.tick = { [weak self] in self?.tick() }
    }

    func pause(_ listener: SocketListener) {
        pausedListeners.append(listener)
        startTicking()
    }

    private func resumeListeners() {
        guard !pausedListeners.isEmpty, !isFull else { return }
        let waiting = pausedListeners
        pausedListeners = []
        for listener in waiting { listener.resume() }
    }

    /// Has `member` flush before the loop goes back to waiting.
    package func markDirty(_ member: any LoopMember) {
        dirty.append(member)
    }

    package func flushDirty() {
        while let member = dirty.popLast() { member.flushOutput() }
    }

    private func tick() {
        let now = self.now()
        for member in members.values { member.tick(now: now) }
        if isDraining {
            ticksSinceDrain += 1
            if ticksSinceDrain >= Self.idleTicks { closeIdle() }
        }
        resumeListeners()
        flushDirty()
        // An idle worker does not wake up ten times a second for nothing.
        if members.isEmpty, pausedListeners.isEmpty { poll.tick = nil }
    }

    func nextRequestNumber() -> UInt64 {
        lastRequestNumber += 1
        return lastRequestNumber
    }

    /// Nanoseconds of the clock by which deadlines are kept.
    func now() -> Int64 { clock() }

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

    /// Returns when no connection and no handler is left. From anywhere.
    package func whenQuiet() async {
        await withCheckedContinuation { continuation in
            poll.execute { [self] in
                quietWaiters.append(continuation)
                wakeWhenQuiet()
            }
        }
    }

    /// Lets go whoever waits for handlers that do not end.
    package func giveUpWaiting() {
        if tasksInFlight > 0 {
            logger.warning("leaving although \(tasksInFlight) handlers did not end when they were cancelled")
        }
        resumeQuietWaiters()
    }

    private func wakeWhenQuiet() {
        if members.isEmpty, tasksInFlight == 0 { resumeQuietWaiters() }
    }

    private func resumeQuietWaiters() {
        let waiters = quietWaiters
        quietWaiters = []
        for waiter in waiters { waiter.resume() }
    }
}
