internal import CGatehouseSystem
public import GatehouseConfiguration
internal import GatehousePlan
internal import Glibc

/// Runs one pool with one worker, in the foreground: opens the sockets, starts the worker, and waits for what happens
/// in one poll loop. What is done about it is decided by ``Supervision``.
public struct Supervisor {
    private let pool: PoolConfiguration
    private let workerProgram: String
    private let say: (String) -> Void

    /// - Parameters:
    ///   - workerProgram: the path of `gatehouse-worker`.
    ///   - say: prints one line for the operator.
    public init(pool: PoolConfiguration, workerProgram: String, say: @escaping (String) -> Void) {
        self.pool = pool
        self.workerProgram = workerProgram
        self.say = say
    }

    /// Returns when the worker has ended, with the status to leave with.
    public func run() throws(SupervisorError) -> Int32 {
        signal(SIGPIPE, SIG_IGN)
        // Before the sockets exist: a signal that comes early must not leave their files behind.
        let signals = gatehouse_signal_descriptor([SIGTERM, SIGINT, SIGHUP], 3)
        guard signals >= 0 else { throw SupervisorError("cannot watch for signals: \(systemError())", .internal) }
        defer { close(signals) }

        var sockets: [ListeningSocket] = []
        defer { sockets.forEach { $0.removeFile() } }
        for endpoint in pool.endpoints {
            sockets.append(try ListeningSocket.open(endpoint, settings: pool.socket))
        }
        let plan = WorkerPlan(
            pool: pool.name,
            listeners: pool.endpoints.compactMap { endpoint in
                guard let spoken = endpoint.gatewayProtocol else { return nil }
                return ListenerPlan(
                    descriptor: -1, gatewayProtocol: spoken, endpoint: endpoint.description,
                    allowedUsers: pool.socket.allowedUsers)
            },
            modules: pool.modules.map(\.plan), eventLoops: pool.eventLoops, limits: pool.limits,
            logLevel: pool.logLevel.rawValue)
        let worker = try WorkerProcess(program: workerProgram, plan: plan, sockets: sockets)
        var loop = EventLoop(
            worker: worker, signals: signals, sockets: sockets, say: say,
            supervision: Supervision(plan: plan, now: EventLoop.now()))
        return loop.run()
    }
}

/// The supervisor's poll loop: turns what is readable into events, and carries out the actions.
private struct EventLoop {
    let worker: WorkerProcess
    let signals: Int32
    let sockets: [ListeningSocket]
    let say: (String) -> Void
    var supervision: Supervision
    private var reader = ReportReader()
    private var controlIsOpen = true

    init(
        worker: WorkerProcess, signals: Int32, sockets: [ListeningSocket], say: @escaping (String) -> Void,
        supervision: Supervision
    ) {
        self.worker = worker
        self.signals = signals
        self.sockets = sockets
        self.say = say
        self.supervision = supervision
    }

    mutating func run() -> Int32 {
        while true {
            // A negative descriptor is skipped by poll(2).
            var polled = [signals, worker.processDescriptor, controlIsOpen ? worker.controlDescriptor : -1].map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            poll(&polled, nfds_t(polled.count), timeout())
            // What the worker said before it ended counts before its end.
            let hasEnded = polled[1].revents != 0
            if polled[2].revents != 0 || hasEnded, let status = readReports(all: hasEnded) { return status }
            if polled[0].revents != 0, let status = readSignals() { return status }
            if polled[1].revents != 0, let status = perform(.workerEnded(worker.wait())) { return status }
            if let status = perform(.clockAdvanced) { return status }
        }
    }

    private func timeout() -> Int32 {
        guard let deadline = supervision.deadline else { return -1 }
        return Int32(clamping: max(0, deadline - Self.now()))
    }

    /// - Parameter all: everything that a worker said that has ended; of one that runs, a piece at a time, or a worker
    ///   that never stops talking would keep signals and deadlines waiting.
    private mutating func readReports(all: Bool) -> Int32? {
        var buffer = [UInt8](repeating: 0, count: 8_192)
        var isFirst = true
        while controlIsOpen, all || isFirst {
            isFirst = false
            let count = read(worker.controlDescriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return nil }
            guard count > 0 else {
                controlIsOpen = false
                return nil
            }
            reader.receive(buffer[..<count])
            do {
                while let report = try reader.nextReport() {
                    if let status = perform(.reported(report)) { return status }
                }
            } catch {
                controlIsOpen = false
                return perform(.babbled)
            }
        }
        return nil
    }

    private mutating func readSignals() -> Int32? {
        while true {
            let number = gatehouse_next_signal(signals)
            guard number > 0 else { return nil }
            if number == SIGHUP { say("SIGHUP: draining; this version does not reload its configuration") }
            if let status = perform(.stopRequested(number == SIGINT ? .atOnce : .drain)) { return status }
        }
    }

    private mutating func perform(_ event: Supervision.Event) -> Int32? {
        for action in supervision.handle(event, now: Self.now()) {
            switch action {
            case .say(let line): say(line)
            case .signalWorker(let number): worker.signal(number)
            case .removeSocketFiles: sockets.forEach { $0.removeFile() }
            case .finish(let status): return status
            }
        }
        return nil
    }

    /// Milliseconds of a clock that nobody sets.
    static func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
    }
}
