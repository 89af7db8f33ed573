import CGatehouseSystem
import Glibc
import Synchronization

/// One thread that waits on descriptors (epoll) and runs what becomes ready: connections, and the tasks of their
/// handlers.
///
/// SwiftNIO's loop would do, and did: but a channel of its costs many more system calls and much more set-up for a
/// connection that nginx, as it comes, uses for a single request. DESIGN.md has the figures.
///
/// Confined to its own thread but for `execute`, `enqueue`, `isCurrent` and `stop`; hence `@unchecked`.
package final class PollLoop: @unchecked Sendable {
    /// What is to be run on the loop.
    private enum Work {
        case closure(@Sendable () -> Void)
        case job(UnownedJob, LoopExecutor)
    }

    private struct Queue {
        var work: [Work] = []
        /// Whether the loop will look at the queue before it sleeps, so that nobody need wake it.
        var isAwake = false
        var isStopping = false
    }

    private let poll: Int32
    /// The queue's other array: a thousand handlers that wake at once need not make it grow anew each time.
    private var spare: [Work] = []
    private let wakeup: Int32
    private let queue = Mutex(Queue())
    /// The thread's id as the kernel knows it; 0 before it runs.
    private let thread = Atomic<Int32>(0)

    private var sources: [Source?] = []
    /// Tells a source from an earlier one of the same descriptor, for events that were already on their way.
    private var generation: UInt32 = 0

    /// Called on the loop every `tickInterval` while it is set.
    package var tick: (() -> Void)? {
        didSet { nextTick = tick == nil ? nil : Self.now() + Self.tickInterval }
    }
    private var nextTick: Int64?
    /// Runs what sleeps here when its time has come.
    var executor: LoopExecutor?
    private var sleepers = SleepQueue()
    private var timers = TimerQueue()
    /// Where it is told whether the loop waits.
    private var cell: UnsafeMutablePointer<gatehouse_loop_cell>?

    /// How often deadlines are looked at: a tenth of the shortest time that anyone would set.
    private static let tickInterval: Int64 = 100_000_000
    /// The token of the loop's own wake-up descriptor.
    private static let wakeupToken = UInt64.max
    private static let eventsAtATime = Int(GATEHOUSE_POLL_EVENTS)

    private struct Source {
        var generation: UInt32
        var handler: any PollSource
    }

    /// - Throws: where the operating system has no descriptor left.
    package init() throws(SystemError) {
        poll = gatehouse_poll_create()
        guard poll >= 0 else { throw SystemError("epoll_create1") }
        wakeup = gatehouse_wakeup_create()
        guard wakeup >= 0 else {
            close(poll)
            throw SystemError("eventfd")
        }
        guard gatehouse_poll_add(poll, wakeup, UInt32(GATEHOUSE_READABLE), 0, Self.wakeupToken) == 0 else {
            close(poll)
            close(wakeup)
            throw SystemError("epoll_ctl")
        }
    }

    deinit {
        // Not before: work that outlives the loop may still want to wake it.
        close(poll)
        close(wakeup)
    }

    /// Starts the loop's thread.
    /// - Throws: where the operating system has no thread left.
    package func start() throws(SystemError) {
        try PlainThread.run { [self] in
            thread.store(gatehouse_thread(), ordering: .releasing)
            gatehouse_name_thread("gatehouse-loop")
            gatehouse_crash_stack()
            gatehouse_trace_allow()
            // What libdispatch's threads block, this one has inherited, and a program that a handler starts would.
            gatehouse_unblock_signals()
            run()
        }
    }

    /// Nanoseconds of the monotonic clock.
    package static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    // MARK: From any thread

    /// Whether the caller runs on this loop's thread.
    package var isCurrent: Bool {
        thread.load(ordering: .acquiring) == gatehouse_thread()
    }

    package func execute(_ closure: @escaping @Sendable () -> Void) {
        add(.closure(closure))
    }

    func enqueue(_ job: UnownedJob, on executor: LoopExecutor) {
        add(.job(job, executor))
    }

    /// Ends the thread after what is queued has run. The loop cannot be started again.
    package func stop() {
        let wakes = queue.withLock { queue in
            queue.isStopping = true
            defer { queue.isAwake = true }
            return !queue.isAwake
        }
        if wakes { gatehouse_wakeup_signal(wakeup) }
    }

    private func add(_ work: Work) {
        let wakes = queue.withLock { queue in
            queue.work.append(work)
            defer { queue.isAwake = true }
            return !queue.isAwake
        }
        if wakes { gatehouse_wakeup_signal(wakeup) }
    }

    // MARK: On the loop

    /// Has `handler` told when `descriptor` is ready for `interest`.
    /// - Parameter shared: other loops wait for the same descriptor too, and one of them is enough.
    /// - Returns: the token with which to change or remove it; `nil` where the operating system refuses.
    func add(_ descriptor: Int32, _ handler: any PollSource, interest: PollEvents, shared: Bool = false) -> PollToken? {
        generation &+= 1
        let token = PollToken(descriptor: descriptor, generation: generation)
        guard gatehouse_poll_add(poll, descriptor, interest.rawValue, shared ? 1 : 0, token.rawValue) == 0 else {
            return nil
        }
        let index = Int(descriptor)
        if index >= sources.count {
            sources.append(contentsOf: repeatElement(nil, count: index + 64 - sources.count))
        }
        sources[index] = Source(generation: generation, handler: handler)
        return token
    }

    /// Has `executor` run the job when the time has come.
    func sleep(_ job: UnownedJob, until deadline: Int64) {
        sleepers.add(job, deadline: deadline)
    }

    /// Runs `action` on the loop in a while.
    func after(nanoseconds: Int64, _ action: @escaping () -> Void) {
        timers.add(action, deadline: Self.now() &+ nanoseconds)
    }

    func change(_ token: PollToken, interest: PollEvents) {
        // It fails only for a descriptor that is not there, and then there is nothing to be told.
        _ = gatehouse_poll_change(poll, token.descriptor, interest.rawValue, token.rawValue)
    }

    /// Forgets a source whose descriptor is about to be closed, which is all that the kernel needs to forget it too.
    func forget(_ token: PollToken) {
        sources[Int(token.descriptor)] = nil
    }

    /// Forgets a source whose descriptor stays open.
    func remove(_ token: PollToken) {
        forget(token)
        _ = gatehouse_poll_remove(poll, token.descriptor)
    }

    /// Tells from now on, in that cell, which thread this is and whether it waits.
    func record(on cell: UnsafeMutablePointer<gatehouse_loop_cell>) {
        self.cell = cell
        gatehouse_cell_set_thread(cell, gatehouse_thread())
        gatehouse_cell_set_busy(cell, Self.now())
    }

    private func wakeSleepers() {
        guard sleepers.firstDeadline != nil, let executor else { return }
        let now = Self.now()
        while let job = sleepers.takeDue(now: now) { executor.wake(job) }
    }

    private func runTimers() {
        guard timers.firstDeadline != nil else { return }
        let now = Self.now()
        while let action = timers.takeDue(now: now) { action() }
    }

    private func run() {
        withUnsafeTemporaryAllocation(of: gatehouse_event.self, capacity: Self.eventsAtATime) { events in
            while let timeout = beforeSleep() {
                if let cell { gatehouse_cell_set_busy(cell, 0) }
                let count = gatehouse_poll_wait(poll, events.baseAddress, Int32(Self.eventsAtATime), timeout)
                if let cell { gatehouse_cell_set_busy(cell, Self.now()) }
                queue.withLock { $0.isAwake = true }
                for index in 0..<max(0, Int(count)) { handle(events[index]) }
                if let due = nextTick, Self.now() >= due {
                    nextTick = Self.now() + Self.tickInterval
                    tick?()
                }
                wakeSleepers()
                runTimers()
                runQueue()
            }
        }
        // Whoever still sleeps is woken early rather than never: nobody waits for what they do, the loop ends.
        while let job = sleepers.takeAny() { executor?.wake(job) }
        executor = nil
        thread.store(0, ordering: .releasing)
    }

    /// How long to wait for events, in milliseconds; `nil` where the loop ends.
    private func beforeSleep() -> Int32? {
        let (isIdle, isStopping) = queue.withLock { queue in
            if queue.work.isEmpty { queue.isAwake = false }
            return (queue.work.isEmpty, queue.isStopping)
        }
        guard isIdle else { return 0 }
        if isStopping { return nil }
        let next = min(nextTick ?? .max, sleepers.firstDeadline ?? .max, timers.firstDeadline ?? .max)
        guard next != .max else { return -1 }
        return Int32(clamping: max(0, (next - Self.now() + 999_999) / 1_000_000))
    }

    private func handle(_ event: gatehouse_event) {
        guard event.token != Self.wakeupToken else { return gatehouse_wakeup_clear(wakeup) }
        let token = PollToken(rawValue: event.token)
        let index = Int(token.descriptor)
        guard index < sources.count, let source = sources[index], source.generation == token.generation else { return }
        source.handler.ready(for: PollEvents(rawValue: event.ready))
    }

    /// What was queued up to now: what that queues in turn waits for the next round, after the descriptors.
    private func runQueue() {
        var work: [Work] = []
        swap(&work, &spare)
        queue.withLock { swap(&work, &$0.work) }
        for item in work {
            switch item {
            case .closure(let closure): closure()
            case .job(let job, let executor): executor.run(job)
            }
        }
        work.removeAll(keepingCapacity: true)
        spare = work
    }
}
