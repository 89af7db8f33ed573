import CGatehouseSystem
package import GatehousePlan
package import GatehouseWire
package import Logging
import NIOCore
import Synchronization

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
    /// The loop's part of the scoreboard, where there is one.
    let recorder: LoopRecorder?
    package let accessLog: LoopAccessLog?
    /// Routes that are answered 503.
    private(set) var quarantine = QuarantineSet()
    /// Requests that have crashed a worker of the pool.
    let culprits: CulpritBoard?
    /// Of the whole worker; `nil` where it takes as many requests as come.
    let budget: RequestBudget?
    private var lastRequestNumber: UInt64
    package var headerNames = HeaderNameCache()
    package private(set) var isDraining = false

    /// Of the whole worker, for its neighbours.
    private let workerConnections: ConnectionCount
    /// Of this loop, for the others of the worker.
    private let ownConnections = Atomic<Int>(0)

    /// Bytes of parameters that have not ended, of all connections of this loop.
    package private(set) var unfinishedHeadBytes = 0
    private let unfinishedHeadLimit: Int

    private(set) var members: [ObjectIdentifier: any LoopMember] = [:]
    private var dirty: [any LoopMember] = []
    /// Tasks that wait for a request; the one that waits least is taken first, its memory is still in the cache.
    private var idleTasks: [HandlerTask] = []
    private var quietWaiters: [CheckedContinuation<Void, Never>] = []
    private var sentWaiters: [CheckedContinuation<Void, Never>] = []
    /// Listeners that wait for room. They go on when a connection has gone, or with the next tick.
    private var pausedListeners: [SocketListener] = []
    /// What every read goes into. Who keeps a part of it keeps the memory, and the next read gets new.
    var readBuffer = ByteBufferAllocator().buffer(capacity: 65_536)
    private let clock: @Sendable () -> Int64
    /// How many connections this loop may have.
    private let connectionLimit: Int

    private let index: Int
    /// Where memory is given back when there has been nothing to do for a while; `nil` where it never is.
    private let memory: WorkerMemory?
    var rest = RestWatch()

    /// For so many ticks a draining worker waits for requests that may be on their way on idle connections.
    private static let idleTicks = 3
    private var ticksSinceDrain = 0
    /// As many as one front server keeps connections, with some to spare. Each has a few kilobytes.
    private static let idleTaskLimit = 128
    /// Where idle connections go while the worker drains.
    private(set) var handOver: HandOverSocket?

    /// - Parameter loops: how many the worker has; what is limited for the whole worker is divided among them.
    package init(
        poll: PollLoop, index: Int = 0, of loops: Int = 1, limits: Limits, logger: Logger, mounts: MountTable,
        blockingExecutor: BlockingExecutor, workerConnections: ConnectionCount = ConnectionCount(),
        recorder: LoopRecorder? = nil, accessLog: LoopAccessLog? = nil, memory: WorkerMemory? = nil,
        culprits: CulpritBoard? = nil, budget: RequestBudget? = nil,
        clock: @escaping @Sendable () -> Int64 = { PollLoop.now() }
    ) {
        self.poll = poll
        self.clock = clock
        self.index = index
        self.memory = memory
        connectionLimit = max(1, limits.connections / max(1, loops))
        unfinishedHeadLimit = limits.headBytesPerWorker / max(1, loops)
        self.limits = limits
        self.logger = logger
        self.mounts = mounts
        self.blockingExecutor = blockingExecutor
        self.workerConnections = workerConnections
        self.recorder = recorder
        self.accessLog = accessLog
        self.culprits = culprits
        self.budget = budget
        // Numbers of different loops do not meet in the lifetime of a worker.
        lastRequestNumber = UInt64(index) << 40
        executor = LoopExecutor(loop: poll) { [weak self] in self?.flushDirty() }
        poll.execute { [self] in
            poll.executor = executor
            if let recorder { poll.record(on: recorder.cell) }
        }
    }

    var isFull: Bool { members.count >= connectionLimit }

    package func add(_ member: any LoopMember) {
        members[ObjectIdentifier(member)] = member
        countConnections(1)
        if let recorder { gatehouse_cell_connections(recorder.cell, 1) }
        if isDraining { member.drain() }
        startTicking()
    }

    package func remove(_ member: any LoopMember) {
        guard members.removeValue(forKey: ObjectIdentifier(member)) != nil else { return }
        countConnections(-1)
        if let recorder { gatehouse_cell_connections(recorder.cell, -1) }
        resumeListeners()
        guard members.isEmpty else { return }
        wakeWhenQuiet()
        let ending = idleTasks
        idleTasks = []
        for task in ending { task.end() }
    }

    // MARK: Tasks

    func makeExecutor() -> LoopExecutor {
        LoopExecutor(loop: poll, cell: recorder?.cell, afterJob: executor.afterJob)
    }

    /// A task for a handler.
    func takeTask() -> HandlerTask {
        idleTasks.popLast() ?? HandlerTask(loop: self)
    }

    /// Whether a task whose handler has ended shall wait for another request.
    var wantsIdleTasks: Bool { !members.isEmpty && idleTasks.count < Self.idleTaskLimit }

    func keepIdle(_ task: HandlerTask) {
        idleTasks.append(task)
    }

    private func countConnections(_ difference: Int) {
        ownConnections.wrappingAdd(difference, ordering: .relaxed)
        workerConnections.add(difference)
    }

    // MARK: GatewayVariables that have not ended

    /// Closes the connections that have most of them, until an eighth of the room is free again: what an ordinary
    /// front server has on its way is small, and soon whole.
    func unfinishedHeadsChanged(by difference: Int) {
        unfinishedHeadBytes += difference
        guard difference > 0, unfinishedHeadBytes > unfinishedHeadLimit else { return }
        let bytes = unfinishedHeadBytes
        var closed = 0
        for member in members.values.sorted(by: { $0.unfinishedHeadBytes > $1.unfinishedHeadBytes }) {
            guard unfinishedHeadBytes > unfinishedHeadLimit / 8 * 7 else { break }
            closed += 1
            member.closeForWantOfRoom()
        }
        logger.warning(
            """
            \(closed) connections closed, those with most of the parameters that have not ended: these took up \
            \(bytes) bytes on one event loop, over \(unfinishedHeadLimit) (limits: heads-per-worker, divided among \
            event loops)
            """)
    }

    /// Connections of this loop. From anywhere.
    var connectionCount: Int { ownConnections.load(ordering: .relaxed) }

    func startTicking() {
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
            // Where nobody takes them any more, whatever may be on its way gets its time from then on.
            ticksSinceDrain = handsOver ? 0 : ticksSinceDrain + 1
            if handsOver { handOverAll() } else if ticksSinceDrain >= Self.idleTicks { closeIdle() }
        }
        resumeListeners()
        flushDirty()
        wakeWhenSent()
        let writesLog = accessLog?.flush() ?? false
        switch rest.tick() {
        case .works: memory?.loopWorks(index)
        case .cameToRest: memory?.loopRests(index)
        case nil: break
        }
        // An idle worker does not wake up ten times a second for nothing.
        if members.isEmpty, pausedListeners.isEmpty, !writesLog, !rest.isAwaited { poll.tick = nil }
    }

    /// Answers these routes, and no others, 503 from now on.
    package func quarantine(_ routes: [QuarantinedRoute]) {
        quarantine = QuarantineSet(routes, now: now())
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

    /// Whether connections go to another worker when they are idle. Set again, it counts from then on.
    package var handsOver: Bool { handOver?.isUsable ?? false }

    /// As `drain()`, and hands over connections as soon as they are idle. `nil` takes that back.
    package func drain(handingOverTo handOver: HandOverSocket?) {
        self.handOver = handOver
        drain()
        if handsOver { handOverAll() }
    }

    private func handOverAll() {
        // Each that goes changes the list.
        for member in Array(members.values) { member.handOverIfIdle() }
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

    /// Returns when no peer has yet to take what was written for it; looked at with each tick. From anywhere.
    package func whenSent() async {
        await withCheckedContinuation { continuation in
            poll.execute { [self] in
                sentWaiters.append(continuation)
                wakeWhenSent()
            }
        }
    }

    private func wakeWhenSent() {
        guard !sentWaiters.isEmpty, !members.values.contains(where: { $0.owesOutput }) else { return }
        resumeSentWaiters()
    }

    private func resumeSentWaiters() {
        let waiters = sentWaiters
        sentWaiters = []
        for waiter in waiters { waiter.resume() }
    }

    /// Lets go whoever waits for peers that take nothing.
    package func giveUpSending() {
        resumeSentWaiters()
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
