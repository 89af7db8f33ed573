import CGatehouseSystem
package import GatehousePlan
import GatehouseSystem
package import GatehouseWire
package import Logging
import NIOCore
import Synchronization

/// Everything that the connections of one loop share: its executor, its tick, its caches, and the list of them all.
///
/// Confined to its loop's thread except `poll`, `executor`, `connectionCount` and the methods that wait; hence
/// `@unchecked`. Its end is in `+Ending`, what it records in `+Recording`.
package final class LoopContext: @unchecked Sendable {
    package let poll: PollLoop
    package let limits: Limits
    package let logger: Logger
    package let mounts: MountTable
    package let blockingExecutor: BlockingExecutor
    package private(set) var executor: LoopExecutor!

    /// Handlers that run, and work that they left for after their response. A worker ends when there is none.
    package var tasksInFlight = 0 {
        didSet { if tasksInFlight == 0 { wakeWhenQuiet() } }
    }
    /// The loop's part of the scoreboard; `nil` without one.
    let recorder: LoopRecorder?
    package let accessLog: LoopAccessLog?
    /// Routes that are answered 503.
    private(set) var quarantine = QuarantineSet()
    /// Requests that have crashed a worker of the pool.
    let culprits: CulpritBoard?
    /// The server's time limit and drain, for its requests.
    let life: ServerLife
    /// The whole worker's budget; `nil` if it takes any number of requests.
    let budget: RequestBudget?
    private var lastRequestNumber: UInt64
    package var headerNames = HeaderNameCache()
    /// The names of the variables that requests had.
    let names = NameMemory()
    /// The host that the last request named.
    var knownHost = KnownHost()

    /// The whole worker's count of connections, for other workers.
    private let workerConnections: ConnectionCount
    /// This loop's count of connections, for the worker's other loops.
    private let ownConnections = Atomic<Int>(0)
    private let connectionLimit: Int

    /// Bytes of unfinished parameters of all connections of this loop.
    package private(set) var unfinishedHeadBytes = 0
    private let unfinishedHeadLimit: Int

    private(set) var connections = LoopConnections()
    private let dirty = DirtyConnections()
    /// Tasks that wait for a request. The one that has waited least is taken first, as its memory is still in the
    /// cache.
    private var idleTasks: [HandlerTask] = []
    /// The most of them: as many as one front server keeps connections, with some to spare. Each has a few kilobytes.
    private static let idleTaskLimit = 128
    /// Acceptors that wait for room. They go on when a connection has gone, or with the next tick.
    private var pausedAcceptors: [Acceptor] = []
    /// Empty arrays with room, from a connection that has ended, for the output of the next.
    var spareContent: [UInt8] = []
    var spareEncoded: [UInt8] = []
    /// The buffer of every read. If a part of it is kept, the memory is kept, and the next read gets new memory.
    var readBuffer = ByteBufferAllocator().buffer(capacity: 65_536)
    /// Sockets of connections that are over.
    var lingering = LingeringSockets()
    /// The pauses in the reading of large bodies.
    let pauses = ReadPauses()
    private let clock: @Sendable () -> Int64

    private let index: Int
    /// Gives memory back when there has been nothing to do for a while; `nil` for never.
    private let memory: WorkerMemory?
    private var rest = RestWatch()
    /// Whether time goes by: only tests stop it.
    private let ticks: Bool

    // The end, see `+Ending`.
    package internal(set) var isDraining = false
    /// The way of idle connections to another worker while this one drains.
    var handOver: HandOverSocket?
    var ticksSinceDrain = 0
    var quietWaiters: [CheckedContinuation<Void, Never>] = []
    var sentWaiters: [CheckedContinuation<Void, Never>] = []

    /// - Parameter loops: how many the worker has; limits for the whole worker are divided among them.
    package init(
        poll: PollLoop, index: Int = 0, of loops: Int = 1, limits: Limits, logger: Logger, mounts: MountTable,
        blockingExecutor: BlockingExecutor, workerConnections: ConnectionCount = ConnectionCount(),
        recorder: LoopRecorder? = nil, accessLog: LoopAccessLog? = nil, memory: WorkerMemory? = nil,
        culprits: CulpritBoard? = nil, budget: RequestBudget? = nil, life: ServerLife? = nil, ticks: Bool = true,
        clock: @escaping @Sendable () -> Int64 = { MonotonicClock.nanoseconds() }
    ) {
        self.poll = poll
        self.clock = clock
        self.index = index
        self.memory = memory
        self.ticks = ticks
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
        self.life = life ?? ServerLife(requestTime: limits.requestTime)
        // The loops' ranges of numbers do not overlap within the lifetime of a worker.
        lastRequestNumber = UInt64(index) << 40
        executor = LoopExecutor(loop: poll) { [dirty] in dirty.flush() }
        poll.execute { [self] in
            poll.executor = executor
            if let recorder { poll.record(on: recorder.cell, recorder.activity) }
        }
    }

    deinit { lingering.closeAll() }

    /// The present time, in nanoseconds of the clock of all deadlines.
    func now() -> Int64 { clock() }

    /// Answers these routes, and no others, 503 from now on.
    package func quarantine(_ routes: [QuarantinedRoute]) {
        quarantine = QuarantineSet(routes, now: now())
    }

    func nextRequestNumber() -> UInt64 {
        lastRequestNumber += 1
        return lastRequestNumber
    }

    // MARK: Connections

    var isFull: Bool { connections.count >= connectionLimit }

    /// Connections of this loop. From any thread.
    var connectionCount: Int { ownConnections.load(ordering: .relaxed) }

    func add(_ connection: ConnectionEngine) {
        connections.append(connection)
        countConnections(1)
        if isDraining { startTicking() }
    }

    func remove(_ connection: ConnectionEngine) {
        guard connections.remove(connection) else { return }
        countConnections(-1)
        resumeAcceptors()
        guard connections.isEmpty else { return }
        wakeWhenQuiet()
        if isDraining { endIdleTasks() }
    }

    /// Looks at the connection's deadlines with each tick from now on, for as long as it has one.
    func watch(_ connection: ConnectionEngine) {
        guard connection.place >= 0 else { return }
        // No tick has looked at it before, so that its peer's time to take something begins now.
        if connections.watch(connection) { connection.lastWriteProgress = now() }
        startTicking()
    }

    private func countConnections(_ difference: Int) {
        ownConnections.wrappingAdd(difference, ordering: .relaxed)
        workerConnections.add(difference)
        if let recorder { gatehouse_cell_connections(recorder.cell, Int32(difference)) }
    }

    func pause(_ acceptor: Acceptor) {
        pausedAcceptors.append(acceptor)
        startTicking()
    }

    private func resumeAcceptors() {
        guard !pausedAcceptors.isEmpty, !isFull else { return }
        let waiting = pausedAcceptors
        pausedAcceptors = []
        for acceptor in waiting { acceptor.resume() }
    }

    /// Keeps unfinished parameters within their limit: closes the connections that have most of them, until an eighth
    /// of the room is free again. An ordinary front server has few of them on their way, and those are soon whole.
    func unfinishedHeadsChanged(by difference: Int) {
        unfinishedHeadBytes += difference
        guard difference > 0, unfinishedHeadBytes > unfinishedHeadLimit else { return }
        let bytes = unfinishedHeadBytes
        var closed = 0
        for connection in connections.all.sorted(by: { $0.unfinishedHeadBytes > $1.unfinishedHeadBytes }) {
            guard unfinishedHeadBytes > unfinishedHeadLimit / 8 * 7 else { break }
            closed += 1
            connection.closeForWantOfRoom()
        }
        logger.warning(
            """
            \(closed) connections closed, those with most of the parameters that have not ended: these took up \
            \(bytes) bytes on one event loop, over \(unfinishedHeadLimit) (limits: heads-per-worker, divided among \
            event loops)
            """)
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
    var wantsIdleTasks: Bool { (!isDraining || !connections.isEmpty) && idleTasks.count < Self.idleTaskLimit }

    func keepIdle(_ task: HandlerTask) {
        idleTasks.append(task)
    }

    func endIdleTasks() {
        let ending = idleTasks
        idleTasks = []
        for task in ending { task.end() }
    }

    // MARK: Output and ticks

    /// Schedules a flush of `connection` before the loop waits again.
    func markDirty(_ connection: ConnectionEngine) {
        dirty.add(connection)
    }

    /// Sends everything that was written in one step: a read, a job, a call from another thread, or a tick. Each calls
    /// this at its end.
    package func flushDirty() { dirty.flush() }

    /// Notes that something was done which may have left memory behind.
    func noteWork() {
        rest.work &+= 1
        startTicking()
    }

    func startTicking() {
        guard ticks, !poll.isTicking else { return }
        poll.tick = { [weak self] in self?.tick() }
    }

    /// Goes from the last to the first, because one that goes leaves its place to the last.
    private func tickConnections(now: Int64) {
        for index in (0..<connections.watchedCount).reversed() where index < connections.watchedCount {
            let connection = connections.all[index]
            connection.tick(now: now)
            if !connection.hasDeadline { connections.unwatch(connection) }
        }
    }

    private func tick() {
        let now = self.now()
        tickConnections(now: now)
        lingering.closeDue(after: limits.lateRecordTime, now: now)
        if isDraining { tickDraining() }
        resumeAcceptors()
        flushDirty()
        wakeWhenSent()
        let writesLog = accessLog?.flush() ?? false
        switch rest.tick() {
        case .works: memory?.loopWorks(index)
        case .cameToRest: memory?.loopRests(index)
        case nil: break
        }
        // An idle worker does not wake up ten times a second for nothing.
        if connections.watchedCount == 0, lingering.isEmpty, pausedAcceptors.isEmpty, !writesLog, !rest.isAwaited,
            !isEnding
        {
            poll.tick = nil
            if connections.isEmpty { endIdleTasks() }
        }
    }
}
