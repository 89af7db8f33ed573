package import GatehousePlan
package import GatehouseWire
import Glibc
package import Logging
import Synchronization

/// Serves listeners: accepts their connections on one or more loops, and drains them in the end.
package final class GatewayServer: Sendable {
    private let loops: [LoopContext]
    private let limits: Limits
    private let listeners = ListenerBox()
    private let connections: ConnectionCount
    private let receiver = Mutex<HandOverReceiver?>(nil)

    /// How many handlers of modules that asked for `.blocking` can block at a time.
    private static let blockingThreads = 64

    /// How long handlers that were cancelled may take to notice.
    private static let gracePeriod = Duration.seconds(1)

    /// - Parameters:
    ///   - count: threads that serve connections.
    ///   - board: where this worker and others that accept on the same sockets see each other's connection counts.
    ///   - scoreboard: where the loops tell what they do; must be of as many loops.
    ///   - accessLog: gets a line for each request.
    ///   - culprits: the requests that are refused because they have crashed a worker.
    ///   - budget: is told of each request.
    /// - Throws: where the operating system has no descriptor left.
    package init(
        loops count: Int = 1, limits: Limits, mounts: MountTable, logger: Logger, board: BalanceBoard? = nil,
        scoreboard: Scoreboard? = nil, accessLog: AccessLog? = nil, culprits: CulpritBoard? = nil,
        budget: RequestBudget? = nil
    ) throws(SystemError) {
        self.limits = limits
        connections = ConnectionCount(board: board)
        let blocking = BlockingExecutor(threads: Self.blockingThreads)
        let memory = WorkerMemory()
        var loops: [LoopContext] = []
        for index in 0..<max(1, count) {
            loops.append(
                LoopContext(
                    poll: try PollLoop(), index: index, of: max(1, count), limits: limits, logger: logger,
                    mounts: mounts, blockingExecutor: blocking,
                    workerConnections: connections, recorder: scoreboard?.recorder(loop: index),
                    accessLog: accessLog.map { LoopAccessLog($0) }, memory: memory, culprits: culprits, budget: budget))
        }
        self.loops = loops
        for loop in loops { try loop.poll.start() }
    }

    deinit {
        for loop in loops { loop.poll.stop() }
    }

    /// Open connections, on all loops.
    package var connectionCount: Int { connections.current }

    /// Accepts on sockets that are bound and listening; the server closes their descriptors when it drains.
    package func start(_ sockets: [Listener]) async throws {
        for (index, socket) in sockets.enumerated() {
            // Loops share the socket, and whoever comes second finds it empty.
            guard fcntl(socket.descriptor, F_SETFL, fcntl(socket.descriptor, F_GETFL) | O_NONBLOCK) == 0 else {
                throw SystemError("cannot accept on \(socket.endpoint)")
            }
            for loop in loops {
                let listener = SocketListener(socket, index: index, loop: loop, balance: balance(for: loop))
                listeners.add(listener, on: loop)
                guard await Self.on(loop, { listener.start() }) else {
                    throw SystemError("cannot accept on \(socket.endpoint)")
                }
            }
        }
        connections.beginAccepting()
    }

    private func balance(for loop: LoopContext) -> AcceptBalance? {
        connections.board.map { AcceptBalance(loop, of: loops, count: connections, board: $0) }
    }

    /// Takes connections that other workers hand over, whether or not this one accepts.
    /// - Parameters:
    ///   - listeners: what the connections came from, in the order in which every worker of the pool numbers them.
    ///   - takeAccessLog: gets the descriptor of a log file that was opened anew, and owns it.
    package func receive(
        from socket: HandOverSocket, listeners: [Listener], takeAccessLog: @escaping @Sendable (Int32) -> Void
    ) async throws(SystemError) {
        let receiver = HandOverReceiver(
            socket, on: loops[0], of: loops, listeners: listeners, takeAccessLog: takeAccessLog)
        guard await Self.on(loops[0], { receiver.start() }) else {
            throw SystemError("cannot wait for connections that are handed over")
        }
        self.receiver.withLock { $0 = receiver }
    }

    /// Has every loop answer a request of ours, through all that a front server's request goes through. Returns when
    /// the last one has: never, where a loop is held.
    package func probe() async -> Probe.Outcome {
        var outcome = Probe.Outcome.answered
        for loop in loops {
            let answer = await withCheckedContinuation { continuation in
                loop.poll.execute { Probe.run(on: loop) { continuation.resume(returning: $0) } }
            }
            if answer != .answered { outcome = answer }
        }
        return outcome
    }

    /// Answers these routes, and no others, 503 from now on. From anywhere; loops obey at their next turn.
    package func quarantine(_ routes: [QuarantinedRoute]) {
        for loop in loops {
            loop.poll.execute { loop.quarantine(routes) }
        }
    }

    /// Writes out what the loops have collected for the access log.
    private func flushAccessLog() async {
        for loop in loops { await Self.on(loop) { _ = loop.accessLog?.flush() } }
    }

    /// Takes nothing new, finishes what is in flight, and returns when it is done or the drain time is over.
    /// - Parameters:
    ///   - handOver: where connections go as soon as they are idle. `nil`: they are answered once more and closed.
    ///   - whenStopped: called when nothing is accepted any more.
    package func drain(
        handingOverTo handOver: HandOverSocket? = nil, whenStopped: @Sendable () -> Void = {}
    ) async {
        await stopAccepting(takesBacklog: handOver == nil)
        whenStopped()
        // What was passed to this worker before it was told to drain must not be lost with it.
        if let receiver = receiver.withLock({ $0 }) { await Self.on(loops[0]) { receiver.takeAll() } }
        await changeHandOver(to: handOver)
        let limit = Task {
            guard limits.drainTime > 0 else { return }
            try await Task.sleep(nanoseconds: UInt64(limits.drainTime))
            await abandon()
            try await Task.sleep(for: Self.gracePeriod)
            for loop in loops { await Self.on(loop) { loop.giveUpWaiting() } }
        }
        for loop in loops { await loop.whenQuiet() }
        limit.cancel()
        await flushAccessLog()
    }

    /// While it drains: hands over connections from now on, or no longer.
    package func changeHandOver(to handOver: HandOverSocket?) async {
        for loop in loops { await Self.on(loop) { loop.drain(handingOverTo: handOver) } }
    }

    private func stopAccepting(takesBacklog: Bool) async {
        connections.endAccepting()
        let stopping = listeners.takeAll()
        // Side by side: a loop that is held must not keep another one accepting.
        await withTaskGroup { tasks in
            for (listener, loop) in stopping {
                tasks.addTask { _ = await Self.on(loop) { listener.stop(takesBacklog: takesBacklog) } }
            }
        }
        // Our copies only: whoever else has the socket goes on accepting on it.
        for descriptor in Set(stopping.map(\.0.descriptor)) { close(descriptor) }
    }

    /// Takes nothing new, cancels what is in flight and closes every connection.
    package func abandon() async {
        await stopAccepting(takesBacklog: true)
        for loop in loops { await Self.on(loop) { loop.abandonAll() } }
        await flushAccessLog()
    }

    /// As `abandon()`, and gives what has been written a moment to leave: this process's end must not make an answer look
    /// whole that its front server is slow to take.
    package func end() async {
        await abandon()
        let limit = Task {
            try await Task.sleep(for: Self.gracePeriod)
            for loop in loops { await Self.on(loop) { loop.giveUpSending() } }
        }
        for loop in loops { await loop.whenSent() }
        limit.cancel()
    }

    @discardableResult
    private static func on<Result: Sendable>(
        _ loop: LoopContext, _ work: @escaping @Sendable () -> Result
    ) async -> Result {
        await withCheckedContinuation { continuation in
            loop.poll.execute { continuation.resume(returning: work()) }
        }
    }
}
