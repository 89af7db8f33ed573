import CGatehouseSystem
package import GatehouseSystem
import Glibc
import Synchronization

/// One thread that waits on descriptors (epoll) and runs what becomes ready: connections, and the tasks of their
/// handlers.
///
/// SwiftNIO's loop would do, but its channels cost many more system calls and much more set-up for a connection that
/// nginx, as it comes, uses for a single request.
///
/// Confined to its own thread except `execute`, `enqueue`, `isCurrent` and `stop`; hence `@unchecked`.
package final class PollLoop: @unchecked Sendable {
    /// One thing to run on the loop.
    private enum Work {
        case closure(@Sendable () -> Void)
        case job(UnownedJob, LoopExecutor)
    }

    private struct Queue {
        var work: [Work] = []
        /// Whether the loop will look at the queue before it sleeps, so that it need not be woken.
        var isAwake = false
        var isStopping = false
    }

    private let poll: Int32
    /// Work that the loop has given itself: it needs no lock, and runs before what other threads have queued. On the
    /// loop only.
    private var ownWork: [Work] = []
    /// The other array of ``ownWork``, which keeps its capacity for the next time that a thousand handlers wake at
    /// once.
    private var spare: [Work] = []
    private let wakeup: Int32
    private let queue = Mutex(Queue())

    private var sources: [Source?] = []
    /// Tells a source from an earlier one of the same descriptor, for events that were already on their way.
    private var generation: UInt32 = 0

    /// Called on the loop every `tickInterval` while it is set.
    package var tick: (() -> Void)? {
        didSet { nextTick = tick == nil ? nil : MonotonicClock.nanoseconds() + Self.tickInterval }
    }
    private var nextTick: Int64?
    /// Whether there is a tick.
    var isTicking: Bool { nextTick != nil }
    /// The moment at which the loop last woke up, in nanoseconds of the monotonic clock.
    private(set) var turnBegan: Int64 = 0
    /// Runs the sleepers whose time has come.
    var executor: LoopExecutor?
    /// Tasks that sleep on the loop.
    private var sleepers = DeadlineHeap<UnownedJob>()
    private let timers = LoopTimers()
    /// The loop's cell on the scoreboard, which shows whether the loop waits.
    private var cell: UnsafeMutablePointer<gatehouse_loop_cell>?
    /// Hears when the loop waits without an end.
    private var activity: LoopActivity?

    /// Nanoseconds from one look at all deadlines to the next: a tenth of the shortest deadline that makes sense.
    private static let tickInterval: Int64 = 100_000_000
    /// The token of the loop's own wake-up descriptor.
    private static let wakeupToken = UInt64.max
    /// Computed, so that it is a constant for the compiler, which then puts the events on the stack.
    private static var eventsAtATime: Int { Int(GATEHOUSE_POLL_EVENTS) }

    private struct Source {
        var generation: UInt32
        var handler: any PollSource
    }

    /// - Throws: if the operating system has no descriptor left.
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
        // Closed here and not when the loop ends, because work that outlives the loop may still wake it.
        close(poll)
        close(wakeup)
    }

    /// Starts the loop's thread.
    /// - Throws: if the operating system has no thread left.
    package func start() throws(SystemError) {
        try PlainThread.run { [self] in
            gatehouse_name_thread("gatehouse-loop")
            gatehouse_crash_stack()
            gatehouse_trace_allow()
            // This thread inherits the signals that libdispatch's threads block, and a program that a handler starts
            // would inherit them in turn.
            gatehouse_unblock_signals()
            gatehouse_set_current_loop(Unmanaged.passUnretained(self).toOpaque())
            run()
            gatehouse_set_current_loop(nil)
        }
    }

    // MARK: From any thread

    /// The loop whose thread the caller runs on.
    static var current: PollLoop? {
        gatehouse_current_loop().map { Unmanaged<PollLoop>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Whether the caller runs on this loop's thread.
    package var isCurrent: Bool {
        gatehouse_current_loop() == Unmanaged.passUnretained(self).toOpaque()
    }

    /// Runs `closure` on the loop, at its next turn.
    package func execute(_ closure: @escaping @Sendable () -> Void) {
        add(.closure(closure))
    }

    func enqueue(_ job: UnownedJob, on executor: LoopExecutor) {
        add(.job(job, executor))
    }

    /// Ends the thread after the queued work has run. The loop cannot be started again.
    package func stop() {
        changeQueue { $0.isStopping = true }
    }

    private func add(_ work: Work) {
        if isCurrent { return ownWork.append(work) }
        changeQueue { $0.work.append(work) }
    }

    /// Changes the queue, and wakes the loop if it sleeps.
    @inline(__always)
    private func changeQueue(_ change: (inout Queue) -> Void) {
        let wakes = queue.withLock { queue in
            change(&queue)
            defer { queue.isAwake = true }
            return !queue.isAwake
        }
        if wakes { gatehouse_wakeup_signal(wakeup) }
    }

    // MARK: On the loop

    /// Calls `handler` from now on when `descriptor` is ready for `interest`.
    /// - Parameter shared: other loops wait for the same descriptor too, and waking one of them is enough.
    /// - Returns: the token with which to change or remove it; `nil` if the operating system refuses.
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

    /// Schedules a job for `executor`.
    func sleep(_ job: UnownedJob, until deadline: Int64) {
        sleepers.add(job, deadline: deadline)
    }

    /// Runs `action` on the loop after a delay.
    @discardableResult
    func after(nanoseconds: Int64, _ action: @escaping () -> Void) -> LoopTimer {
        timers.add(deadline: MonotonicClock.nanoseconds() &+ nanoseconds, action)
    }

    // The next three do nothing if the descriptor's number has another registration by now: the descriptor was closed
    // too early, which must not harm whoever has its number now.

    func change(_ token: PollToken, interest: PollEvents) {
        guard source(of: token) != nil else { return }
        // The call fails only for a closed descriptor, which has no events.
        _ = gatehouse_poll_change(poll, token.descriptor, interest.rawValue, token.rawValue)
    }

    /// Forgets a source whose descriptor is about to be closed; closing it makes the kernel forget it, too.
    func forget(_ token: PollToken) {
        guard source(of: token) != nil else { return }
        sources[Int(token.descriptor)] = nil
    }

    /// Forgets a source whose descriptor stays open.
    func remove(_ token: PollToken) {
        guard source(of: token) != nil else { return }
        sources[Int(token.descriptor)] = nil
        _ = gatehouse_poll_remove(poll, token.descriptor)
    }

    /// The source of a token; `nil` if the descriptor's number has another one by now, or none.
    private func source(of token: PollToken) -> Source? {
        let index = Int(token.descriptor)
        guard index < sources.count, let source = sources[index], source.generation == token.generation else {
            return nil
        }
        return source
    }

    /// From now on, records in that cell which thread this is and whether it waits.
    func record(on cell: UnsafeMutablePointer<gatehouse_loop_cell>, _ activity: LoopActivity) {
        self.cell = cell
        self.activity = activity
        activity.begin()
        gatehouse_cell_set_thread(cell, gatehouse_thread())
        gatehouse_cell_set_busy(cell, MonotonicClock.nanoseconds())
    }

    /// The slot of the scoreboard whose code runs on the loop; -1 for none.
    var runningSlot: Int32 { cell.map { gatehouse_cell_slot($0) } ?? -1 }

    private func wakeSleepers() {
        guard sleepers.firstDeadline != nil, let executor else { return }
        let now = MonotonicClock.nanoseconds()
        while let job = sleepers.takeDue(now: now) { executor.wake(job) }
    }

    private func runTimers() {
        guard timers.firstDeadline != nil else { return }
        timers.run(now: MonotonicClock.nanoseconds())
    }

    private func run() {
        withUnsafeTemporaryAllocation(of: gatehouse_event.self, capacity: Self.eventsAtATime) { events in
            while let timeout = beforeSleep() {
                if let cell { gatehouse_cell_set_busy(cell, 0) }
                if timeout < 0 { activity?.end() }
                let count = gatehouse_poll_wait(poll, events.baseAddress, Int32(Self.eventsAtATime), timeout)
                if timeout < 0 { activity?.begin() }
                turnBegan = MonotonicClock.nanoseconds()
                if let cell { gatehouse_cell_set_busy(cell, turnBegan) }
                queue.withLock { $0.isAwake = true }
                for index in 0..<max(0, Int(count)) { handle(events[index]) }
                if let due = nextTick, MonotonicClock.nanoseconds() >= due {
                    nextTick = MonotonicClock.nanoseconds() + Self.tickInterval
                    tick?()
                }
                wakeSleepers()
                runTimers()
                runQueue()
            }
        }
        // Tasks that still sleep are woken early rather than never, or they would leak.
        while let job = sleepers.takeAny() { executor?.wake(job) }
        executor = nil
        timers.removeAll()
    }

    /// The milliseconds to wait for events, -1 for ever; `nil` if the loop ends.
    private func beforeSleep() -> Int32? {
        let (isIdle, isStopping) = queue.withLock { queue in
            let isIdle = queue.work.isEmpty && ownWork.isEmpty
            if isIdle { queue.isAwake = false }
            return (isIdle, queue.isStopping)
        }
        guard isIdle else { return 0 }
        if isStopping { return nil }
        let next = min(nextTick ?? .max, sleepers.firstDeadline ?? .max, timers.firstDeadline ?? .max)
        guard next != .max else { return -1 }
        return Int32(clamping: max(0, (next - MonotonicClock.nanoseconds() + 999_999) / 1_000_000))
    }

    private func handle(_ event: gatehouse_event) {
        guard event.token != Self.wakeupToken else { return gatehouse_wakeup_clear(wakeup) }
        source(of: PollToken(rawValue: event.token))?.handler.ready(for: PollEvents(rawValue: event.ready))
    }

    /// Runs the work that was queued up to now. Work that this queues waits for the next turn, after the descriptors.
    private func runQueue() {
        queue.withLock { queue in
            guard !queue.work.isEmpty else { return }
            ownWork.append(contentsOf: queue.work)
            queue.work.removeAll(keepingCapacity: true)
        }
        var work: [Work] = []
        swap(&work, &spare)
        swap(&work, &ownWork)
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
