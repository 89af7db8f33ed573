internal import CGatehouseSystem
internal import GatehouseConfiguration
internal import GatehouseSystem
internal import Glibc

/// The descriptors that one turn of the loop waits for, each with its meaning.
struct PollSet {
    enum Interest {
        case signals
        case controlListener
        case client(ControlClient)
        case process(PoolProcesses, WorkerProcess)
        case reports(PoolProcesses, WorkerProcess)
        case output(PoolProcesses, WorkerProcess)
        case handOver(PoolProcesses, WorkerProcess)
        /// A listening socket of a pool that has no worker.
        case connection(PoolProcesses)
        case explanation(CrashLocator)
        /// A listening socket of a pool whose clients the supervisor answers itself, and such a client.
        case refused(PoolProcesses, ListeningSocket)
        case refusal(RefusedConnection)
        case upgradeTrial
        /// The log has room again.
        case log
        /// A program that is asked whether it is up.
        case probe
    }

    private var descriptors: [pollfd] = []
    private var interests: [Interest] = []

    /// A descriptor with no interest is not polled at all: `POLLHUP` cannot be masked and would fire on every turn.
    mutating func add(_ descriptor: Int32, _ interest: Interest, readable: Bool = true, writable: Bool = false) {
        let events = (readable ? Int16(POLLIN) : 0) | (writable ? Int16(POLLOUT) : 0)
        guard events != 0 else { return }
        descriptors.append(pollfd(fd: descriptor, events: events, revents: 0))
        interests.append(interest)
    }

    /// - Returns: the interests that are ready; none if the time is over.
    mutating func wait(milliseconds: Int32) -> [Interest] {
        guard poll(&descriptors, nfds_t(descriptors.count), milliseconds) > 0 else { return [] }
        return zip(descriptors, interests).filter { $0.0.revents != 0 }.map(\.1)
    }
}

/// One turn of the loop: wait, hear everything that is ready, then do whatever time or events have made due.
extension Supervisor {
    func turn(_ signals: Int32) {
        var interests = PollSet()
        interests.add(signals, .signals)
        let now = MonotonicClock.milliseconds()
        if let control, !refusals.isPaused(now: now) { interests.add(control.descriptor, .controlListener) }
        for client in clients { interests.add(client.descriptor, .client(client), writable: client.waitsToSend) }
        if let upgradeTrial { interests.add(upgradeTrial.processDescriptor, .upgradeTrial) }
        for locator in crashes.locators { interests.add(locator.processDescriptor, .explanation(locator)) }
        if let log = log.waitingDescriptor { interests.add(log, .log, readable: false, writable: true) }
        for processes in pools.values { add(processes, to: &interests, now) }
        for connection in refusals.connections {
            interests.add(connection.descriptor, .refusal(connection), writable: connection.waitsToSend)
        }
        giveBackIdleCode()
        let ready = interests.wait(milliseconds: timeout())
        for interest in ready { handle(interest) }
        // Ends of processes come last, so that a worker's last messages are handled before its end.
        for case .process(let processes, let worker) in ready { ended(worker, of: processes) }
        for case .explanation(let locator) in ready { crashes.finish(locator) }
        if !ready.isEmpty { reapStrangers() }
        for case .signals in ready { readSignals(signals) }
        for processes in pools.values { giveConnections(of: processes) }
        endListening()
        sockets.endGivenUp(MonotonicClock.milliseconds())
        endRefusing()
        clients.removeAll(where: \.isDone)
        clockAdvanced()
        attendToPrograms()
        for case .upgradeTrial in ready { endUpgradeTrial() }
        beginNextReload()
    }

    private func add(_ processes: PoolProcesses, to interests: inout PollSet, _ now: Int) {
        for worker in processes.workers.values where !worker.hasEnded {
            interests.add(worker.processDescriptor, .process(processes, worker))
            if worker.control >= 0 {
                interests.add(worker.control, .reports(processes, worker), writable: worker.hasUnsentOrders)
            }
            if worker.output >= 0 { interests.add(worker.output, .output(processes, worker)) }
            if worker.handOver >= 0 {
                interests.add(
                    worker.handOver, .handOver(processes, worker), readable: !processes.handedOver.isFull,
                    writable: worker.isHandOverFull)
            }
        }
        for probe in processes.probes.values where probe.awaitsAnswer { interests.add(probe.connection, .probe) }
        let refuses = refuses(processes, now)
        guard refuses || poolManager.pools[processes.name]?.waitsForConnection == true else { return }
        for endpoint in processes.configuration.endpoints {
            for socket in sockets.sockets(for: endpoint) {
                interests.add(socket.descriptor, refuses ? .refused(processes, socket) : .connection(processes))
            }
        }
    }

    private func handle(_ interest: PollSet.Interest) {
        switch interest {
        // Handled later in the turn.
        case .signals, .process, .explanation, .upgradeTrial, .probe: break
        case .log: log.flush()
        case .controlListener:
            let client = control?.accept(clients: clients.count) { code in
                refusals.acceptFailed(code, now: MonotonicClock.milliseconds())
            }
            if let client { clients.append(client) }
            hasIdleCode = true
        case .client(let client): serve(client)
        case .reports(let processes, let worker): readReports(of: worker, processes, all: false)
        case .output(let processes, let worker): readOutput(of: worker, processes, all: false)
        case .handOver(let processes, let worker):
            worker.isHandOverFull = false
            if worker.awaitsAccessLog, let file = processes.accessLog { worker.give(accessLog: file.descriptor) }
            receiveConnections(from: worker, processes, all: false)
        case .refused(let processes, let socket): refuse(processes, at: socket)
        case .refusal(let connection): refusals.goOn(connection)
        case .connection(let processes): perform(.pool(processes.name, .connectionWaits))
        }
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

    // MARK: Time

    private func timeout() -> Int32 {
        if isNextReloadDue { return 0 }
        let now = MonotonicClock.milliseconds()
        let dues = [
            poolManager.deadline(now: now), nextSample, programsDue, watchdog.due, upgradeTrial?.deadline,
            crashes.deadline, listeningEnds, sockets.deadline, refusals.deadline(now: now),
            pools.values.compactMap(\.quarantine.deadline).min(),
        ]
        return dues.compactMap(\.self).min().map { Int32(clamping: max(0, $0 - now)) } ?? -1
    }

    private func clockAdvanced() {
        let now = MonotonicClock.milliseconds()
        if now >= nextSample { sample(now) }
        if let due = poolManager.deadline(now: now), due <= now { perform(.clockAdvanced) }
        for processes in pools.values { endQuarantines(of: processes, now) }
        watchdog.clockAdvanced(now, poolManager, notifier) { statusLine }
        crashes.clockAdvanced(now)
        if let trial = upgradeTrial, let due = trial.deadline, due <= now { trial.giveUp() }
    }

    private func attendToPrograms() {
        let now = MonotonicClock.milliseconds()
        probePrograms(now)
        for processes in pools.values {
            stopPrograms(of: processes, now)
            closeUnusedSockets(of: processes)
        }
    }

    /// Gives pages of code back: reading a configuration or answering a command takes many times the code that watching
    /// takes.
    private func giveBackIdleCode() {
        guard hasIdleCode, clients.isEmpty, reloads.current == nil,
            poolManager.pools.values.allSatisfy({ $0.phase != .starting })
        else { return }
        hasIdleCode = false
        gatehouse_give_back_code()
    }
}
