package import GatehousePlan
package import GatehouseSystem
package import GatehouseWire
import Glibc
package import Logging
import Synchronization

/// A worker's server: accepts connections on one or more loops, and drains them in the end.
package final class GatewayServer: Sendable {
    private let loops: [LoopContext]
    private let limits: Limits
    private let acceptors = Acceptors()
    private let life: ServerLife
    private let connections: ConnectionCount
    private let receiver = Mutex<HandOverReceiver?>(nil)

    /// The time that cancelled handlers have to end.
    private static let gracePeriod = Duration.seconds(1)

    /// - Parameters:
    ///   - count: threads that serve connections, one for each loop.
    ///   - board: the connection counts of all workers that accept on the same sockets.
    ///   - scoreboard: shows what the loops do; must be of as many loops.
    ///   - accessLog: gets a line for each request.
    ///   - culprits: the requests that are refused because they have crashed a worker.
    ///   - budget: counts the requests.
    /// - Throws: if the operating system has no descriptor or thread left.
    package init(
        loops count: Int = 1, limits: Limits, mounts: MountTable, logger: Logger, board: BalanceBoard? = nil,
        scoreboard: Scoreboard? = nil, accessLog: AccessLog? = nil, culprits: CulpritBoard? = nil,
        budget: RequestBudget? = nil
    ) throws(SystemError) {
        self.limits = limits
        life = ServerLife(requestTime: limits.requestTime)
        connections = ConnectionCount(board: board)
        let memory = WorkerMemory()
        var loops: [LoopContext] = []
        for index in 0..<max(1, count) {
            loops.append(
                LoopContext(
                    poll: try PollLoop(), index: index, of: max(1, count), limits: limits, logger: logger,
                    mounts: mounts, blockingExecutor: .shared,
                    workerConnections: connections, recorder: scoreboard?.recorder(loop: index),
                    accessLog: accessLog.map { LoopAccessLog($0) }, memory: memory, culprits: culprits, budget: budget,
                    life: life))
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
            // Loops share the socket, and the second one that accepts finds no connection.
            guard fcntl(socket.descriptor, F_SETFL, fcntl(socket.descriptor, F_GETFL) | O_NONBLOCK) == 0 else {
                throw SystemError("cannot accept on \(socket.endpoint)")
            }
            for loop in loops {
                let acceptor = Acceptor(socket, index: index, loop: loop, balance: balance(for: loop))
                acceptors.add(acceptor, on: loop)
                guard await Self.on(loop, { acceptor.start() }) else {
                    throw SystemError("cannot accept on \(socket.endpoint)")
                }
            }
        }
        connections.beginAccepting()
    }

    private func balance(for loop: LoopContext) -> AcceptBalance? {
        connections.board.map { AcceptBalance(loop, of: loops, count: connections, board: $0) }
    }

    /// Takes connections that other workers hand over, even if this one does not accept.
    /// - Parameters:
    ///   - listeners: the listeners of the connections, in the order in which every worker of the pool numbers them.
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

    /// Sends every loop a request of ours, which takes the same way as a front server's. Returns when the last loop has
    /// answered: never, if one is held.
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

    /// Answers these routes, and no others, 503 from now on. From any thread; loops obey at their next turn.
    package func quarantine(_ routes: [QuarantinedRoute]) {
        for loop in loops {
            loop.poll.execute { loop.quarantine(routes) }
        }
    }

    /// Writes the lines that the loops have collected for the access log.
    private func flushAccessLog() async {
        for loop in loops { await Self.on(loop) { _ = loop.accessLog?.flush() } }
    }

    /// Takes nothing new, finishes what is in flight, and returns when that is done or the drain time is over.
    /// - Parameters:
    ///   - handOver: the way to another worker for connections that are idle. `nil`: they are answered once more and
    ///     closed.
    ///   - whenStopped: called when nothing is accepted any more.
    package func drain(
        handingOverTo handOver: HandOverSocket? = nil, whenStopped: @Sendable () -> Void = {}
    ) async {
        await stopAccepting(takesBacklog: handOver == nil)
        whenStopped()
        // Answers that go on for as long as the server serves end now, and their clients come again.
        life.beginDraining()
        // Connections that were handed to this worker before the order to drain must not be lost with it.
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

    /// Begins to hand over connections during a drain, or stops doing so.
    package func changeHandOver(to handOver: HandOverSocket?) async {
        for loop in loops { await Self.on(loop) { loop.drain(handingOverTo: handOver) } }
    }

    private func stopAccepting(takesBacklog: Bool) async {
        connections.endAccepting()
        let stopping = acceptors.takeAll()
        // All at once: a loop that is held must not keep another one accepting.
        await withTaskGroup { tasks in
            for (acceptor, loop) in stopping {
                tasks.addTask { _ = await Self.on(loop) { acceptor.stop(takesBacklog: takesBacklog) } }
            }
        }
        // Our copies only: other processes that have the socket go on accepting.
        for descriptor in Set(stopping.map(\.0.descriptor)) { close(descriptor) }
    }

    /// Takes nothing new, cancels what is in flight and closes every connection.
    package func abandon() async {
        await stopAccepting(takesBacklog: true)
        for loop in loops { await Self.on(loop) { loop.abandonAll() } }
        await flushAccessLog()
    }

    /// Does what `abandon()` does, and gives written bytes a moment to leave: if the front server is slow to take an
    /// answer, this process's end must not make the answer look whole.
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
