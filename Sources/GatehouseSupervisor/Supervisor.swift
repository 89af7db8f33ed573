internal import CGatehouseSystem
public import GatehouseConfiguration
import GatehouseControl
import GatehousePlan
internal import Glibc

/// The one parent process: owns the sockets, starts, watches, drains and replaces workers, and runs no user code. One
/// thread, one poll loop; what is done about what happens is decided by ``PoolManager``.
///
/// The loop is here; what it does in `+Actions` and `+HandOver`, reloading in `+Reload`, logs, control socket and state
/// folder in `+Settings`, commands in `+Commands`, the status in `+Status`, listening in `+Listening`,
/// clients whom nobody serves in `+Refusing`.
public final class Supervisor {
    let options: Options
    let log: SupervisorLog
    let notifier: ServiceNotifier
    var configuration: Configuration
    var poolManager = PoolManager()
    /// What happened while actions were carried out, for when all of them are.
    var pending: [PoolManagerEvent] = []
    var isPerforming = false
    var hosts: [String: PoolProcesses] = [:]
    var sockets: SocketTable
    var control: ControlListener?
    var clients: [ControlClient] = []
    var refusals = Refusals()
    /// When own sockets stop listening at the latest, once everything is to stop.
    var listeningEnds: Int?
    /// Who waits for the reload at hand, and the reloads that come after it.
    var reloadWaiters: [ControlClient] = []
    var nextReloads: [NextReload] = []
    var reloadAtHand: ReloadAtHand?
    /// The upgrade at hand, until this program is replaced or goes on.
    var upgradeTrial: UpgradeTrial?
    var exitStatus: Int32?
    var unexplained: [Unexplained] = []
    var nextSample = 0
    var nextWatchdog: Int?
    /// Whether code has been read in that a supervisor that only watches does not need.
    var hasIdleCode = true
    let startedAt: Int
    let started: Int
    /// What the program before this one has left.
    let upgrade: UpgradeState?
    var loadedAt = Clock.secondsSince1970()
    var lastReloadFailure: String?

    /// How the supervisor was started.
    public struct Options {
        /// What is to be served first.
        public var configuration: Configuration
        /// Reads the configuration anew; `nil` where the command line said it all.
        public var reload: (() throws(SupervisorError) -> Configuration)?
        /// For the status.
        public var configurationFile: String
        public var version: String
        /// The path of `gatehouse-worker`.
        public var workerProgram: String
        /// This program's own path, and the arguments with which it was started: what an upgrade starts.
        public var program = ""
        public var arguments: [String] = []
        /// Whether nobody else in this process waits for children, so that those which it did not start are collected.
        public var collectsStrangers = true
        /// Whether a pool that cannot be started at the first start ends everything.
        public var isStrict = false
        /// Gets the lines that would go to standard error; `nil`: they go there.
        public var say: ((String) -> Void)?

        public init(
            configuration: Configuration, reload: (() throws(SupervisorError) -> Configuration)? = nil,
            configurationFile: String = "", version: String = "", workerProgram: String, say: ((String) -> Void)? = nil
        ) {
            self.configuration = configuration
            self.reload = reload
            self.configurationFile = configurationFile
            self.version = version
            self.workerProgram = workerProgram
            self.say = say
        }
    }

    /// Call it while the process has one thread: what systemd passes is taken from the environment.
    public init(_ options: Options) throws(SupervisorError) {
        self.options = options
        configuration = options.configuration
        log = SupervisorLog(say: options.say)
        notifier = ServiceNotifier.fromEnvironment()
        upgrade = try UpgradeFile.take()
        startedAt = upgrade?.startedAt ?? Clock.secondsSince1970()
        started = upgrade?.started ?? Clock.now()
        poolManager.isStrict = options.isStrict
        sockets = SocketTable(passed: try InheritedSockets.take(), notifier: notifier)
    }

    /// Returns when every worker has ended, with the status to leave with.
    public func run() throws(SupervisorError) -> Int32 {
        gatehouse_disregard_signals(0)
        // Before the sockets exist: a signal that comes early must not leave their files behind.
        let numbers = [SIGTERM, SIGQUIT, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGCHLD]
        let signals = gatehouse_signal_descriptor(numbers, Int32(numbers.count))
        guard signals >= 0 else { throw SupervisorError("cannot watch for signals: \(systemError())", .internal) }
        defer { close(signals) }
        defer { sockets.removeFiles() }
        defer { log.flush() }
        raiseDescriptorLimit()
        try start()
        while true {
            if let exitStatus, unexplained.isEmpty { return exitStatus }
            turn(signals)
        }
    }

    /// A worker is four descriptors of ours, and a soft limit of 1,024 is for programs that use select().
    private func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    // MARK: One turn of the loop

    private func turn(_ signals: Int32) {
        var interests = PollSet()
        interests.add(signals, .signals)
        let now = Clock.now()
        if let control, !refusals.isPaused(now: now) { interests.add(control.descriptor, .controlListener) }
        for client in clients { interests.add(client.descriptor, .client(client), writable: client.waitsToSend) }
        if let upgradeTrial { interests.add(upgradeTrial.processDescriptor, .upgradeTrial) }
        for one in unexplained { interests.add(one.locator.processDescriptor, .explanation(one.locator)) }
        if let log = log.waitingDescriptor { interests.add(log, .log, readable: false, writable: true) }
        for host in hosts.values { add(host, to: &interests, now) }
        for connection in refusals.connections {
            interests.add(connection.descriptor, .refusal(connection), writable: connection.waitsToSend)
        }
        giveBackIdleCode()
        let ready = interests.wait(milliseconds: timeout())
        // Ends of processes last: what a worker said before it ended counts before its end.
        for what in ready { handle(what) }
        for case .process(let host, let worker) in ready { ended(worker, of: host) }
        for case .explanation(let locator) in ready { explained(locator) }
        if !ready.isEmpty { reapStrangers() }
        for case .signals in ready { readSignals(signals) }
        for host in hosts.values { giveConnections(of: host) }
        endListening()
        sockets.endGivenUp(Clock.now())
        endRefusing()
        clients.removeAll(where: \.isDone)
        clockAdvanced()
        attendToPrograms()
        for case .upgradeTrial in ready { endUpgradeTrial() }
        beginNextReload()
    }

    private func attendToPrograms() {
        let now = Clock.now()
        probePrograms(now)
        for host in hosts.values {
            stopPrograms(of: host, now)
            closeUnusedSockets(of: host)
        }
    }

    private func add(_ host: PoolProcesses, to interests: inout PollSet, _ now: Int) {
        for worker in host.workers.values where !worker.hasEnded {
            interests.add(worker.processDescriptor, .process(host, worker))
            if worker.control >= 0 {
                interests.add(worker.control, .reports(host, worker), writable: worker.hasUnsentOrders)
            }
            if worker.output >= 0 { interests.add(worker.output, .output(host, worker)) }
            if worker.handOver >= 0 {
                interests.add(
                    worker.handOver, .handOver(host, worker), readable: !host.handedOver.isFull,
                    writable: worker.isHandOverFull)
            }
        }
        for probe in host.probes.values where probe.awaitsAnswer { interests.add(probe.connection, .probe) }
        let refuses = refuses(host, now)
        guard refuses || poolManager.pools[host.name]?.waitsForConnection == true else { return }
        for endpoint in host.configuration.endpoints {
            for socket in sockets.sockets(for: endpoint) {
                interests.add(socket.descriptor, refuses ? .refused(host, socket) : .connection(host))
            }
        }
    }

    private func handle(_ what: PollSet.Interest) {
        switch what {
        case .signals, .process, .explanation, .upgradeTrial, .probe: break
        case .log: log.flush()
        case .controlListener:
            let client = control?.accept(clients: clients.count) { refusals.acceptFailed($0, now: Clock.now()) }
            if let client { clients.append(client) }
            hasIdleCode = true
        case .client(let client): serve(client)
        case .reports(let host, let worker): readReports(of: worker, host, all: false)
        case .output(let host, let worker): readOutput(of: worker, host, all: false)
        case .handOver(let host, let worker):
            worker.isHandOverFull = false
            if worker.awaitsAccessLog, let file = host.accessLog { worker.pass(accessLog: file.descriptor) }
            receiveConnections(from: worker, host, all: false)
        case .refused(let host, let socket): refuse(host, at: socket)
        case .refusal(let connection): refusals.goOn(connection)
        case .connection(let host): perform(.pool(host.name, .connectionWaits))
        }
    }

    private func timeout() -> Int32 {
        if isNextReloadDue { return 0 }
        let now = Clock.now()
        var next = min(poolManager.deadline(now: now) ?? .max, nextSample)
        next = min(next, programsDue)
        if let nextWatchdog { next = min(next, nextWatchdog) }
        if let due = upgradeTrial?.deadline { next = min(next, due) }
        for one in unexplained { next = min(next, one.locator.deadline ?? .max) }
        if let listeningEnds { next = min(next, listeningEnds) }
        if let due = sockets.deadline { next = min(next, due) }
        if let due = refusals.deadline(now: now) { next = min(next, due) }
        for host in hosts.values { next = min(next, host.quarantine.deadline ?? .max) }
        return next == .max ? -1 : Int32(clamping: max(0, next - now))
    }

    private func readSignals(_ descriptor: Int32) {
        while true {
            let number = gatehouse_next_signal(descriptor)
            guard number > 0 else { return }
            switch number {
            case SIGTERM, SIGQUIT: stop(atOnce: false)
            case SIGINT: stop(atOnce: true)
            case SIGHUP: requestReload(pool: nil, for: nil)
            case SIGUSR1: reopenLogs()
            case SIGUSR2: upgrade(for: nil)
            default: break  // SIGCHLD: the process descriptors tell more.
            }
        }
    }

    private func clockAdvanced() {
        let now = Clock.now()
        if now >= nextSample { sample(now) }
        if let due = poolManager.deadline(now: now), due <= now { perform(.clockAdvanced) }
        for host in hosts.values { liftQuarantines(of: host, now) }
        if let due = nextWatchdog, due <= now { feedWatchdog(now) }
        for one in unexplained { if let due = one.locator.deadline, due <= now { one.locator.giveUp() } }
        if let trial = upgradeTrial, let due = trial.deadline, due <= now { trial.giveUp() }
    }

    /// Reading a configuration and answering a command take many times the code that watching takes.
    private func giveBackIdleCode() {
        guard hasIdleCode, clients.isEmpty, reloadAtHand == nil,
            poolManager.pools.values.allSatisfy({ $0.phase != .starting })
        else { return }
        hasIdleCode = false
        gatehouse_give_back_code()
    }

    // MARK: What workers say

    func readReports(of worker: WorkerProcess, _ host: PoolProcesses, all: Bool) {
        let takesOrders = worker.sendUnsent()
        for message in worker.readReports(all: all) {
            switch message {
            case .end: pending.append(.pool(host.name, .controlChannelClosed(worker: worker.number)))
            case .malformedReport: pending.append(.pool(host.name, .malformedReport(worker: worker.number)))
            case .report(let report):
                if report == .ready { worker.isReady = true }
                note(report, from: worker, of: host)
                pending.append(.pool(host.name, .reported(worker: worker.number, report)))
            }
        }
        if !takesOrders { pending.append(.pool(host.name, .controlChannelClosed(worker: worker.number))) }
        // All at once: what follows from the first must not come between it and the second.
        performPending()
    }

    func readOutput(of worker: WorkerProcess, _ host: PoolProcesses, all: Bool) {
        let now = Clock.now()
        let isDegraded = poolManager.pools[host.name]?.isDegraded(now: now) ?? false
        for line in worker.readOutput(all: all) {
            log.pass(
                line, from: worker.pid, of: host.name, isProgram: worker.isProgram, isDegraded: isDegraded, now: now)
        }
    }

    /// Collects children that somebody else has started: as process 1 of a container the supervisor is the parent of
    /// whatever a handler or a program has left behind. One of our own is in the way until its process descriptor has
    /// told of it, and then this is called again.
    private func reapStrangers() {
        guard options.collectsStrangers else { return }
        while case let child = gatehouse_ended_child(), child > 0, !isOurs(child) { waitpid(child, nil, WNOHANG) }
    }

    private func isOurs(_ child: pid_t) -> Bool {
        upgradeTrial?.pid == child || unexplained.contains { $0.locator.pid == child }
            || hosts.values.contains { $0.workers.values.contains { $0.pid == child } }
    }

    private func ended(_ worker: WorkerProcess, of host: PoolProcesses) {
        guard host.workers[worker.number] === worker, !worker.hasEnded else { return }
        readReports(of: worker, host, all: true)
        readOutput(of: worker, host, all: true)
        receiveConnections(from: worker, host, all: true)
        let end = worker.wait()
        if let totals = worker.scoreboard?.totals() { host.past.add(totals) }
        host.clearBalanceCell(worker.balanceCell)
        worker.hasEnded = true
        if !worker.isReady, case .killed = end {
            // What is said of a start that failed is the last that `serve` or `reload` says: it waits to know why.
            let isToCome = explain(worker, host) { [self] explanation in
                worker.explanation = explanation
                forget(worker, end, of: host)
            }
            if isToCome { return }
        }
        forget(worker, end, of: host)
    }

    private func forget(_ worker: WorkerProcess, _ end: WorkerEnd, of host: PoolProcesses) {
        var report = CrashReport(pool: host.name, worker: worker, end: end, during: "")
        report.explanation = worker.explanation
        perform(.pool(host.name, .ended(worker: worker.number, end, why: report.why)))
        host.workers[worker.number] = nil
    }
}
