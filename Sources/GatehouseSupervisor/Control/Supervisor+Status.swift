import GatehouseConfiguration
import GatehouseControl
internal import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// The answer to `gatehouse status`.
extension Supervisor {
    func status() -> StatusReport {
        let now = MonotonicClock.milliseconds()
        return StatusReport(
            version: options.version, pid: getpid(), startedAt: startedAt, uptime: now - started,
            residentBytes: ProcessFacts.residentBytes(getpid()), processorTime: ProcessFacts.processorTime(getpid()),
            configuration: options.configurationFile, loadedAt: reloads.loadedAt,
            lastReloadFailure: reloads.lastFailure,
            pools: pools.values.sorted { $0.name < $1.name }.compactMap { status(of: $0, now) })
    }

    /// One line for `systemctl status`.
    var statusLine: String {
        let now = MonotonicClock.milliseconds()
        return pools.values.sorted { $0.name < $1.name }.compactMap { processes in
            poolManager.pools[processes.name].map { pool in
                let workers = pool.serving.count == 1 ? "1 worker" : "\(pool.serving.count) workers"
                let failure = pool.phase == .failed ? ", cannot be started" : ""
                return "\(processes.name) \(Self.state(of: pool, now).rawValue)\(failure), \(workers)"
            }
        }
        .joined(separator: "; ")
    }

    private static func state(of pool: PoolStateMachine, _ now: Int) -> PoolStatus.State {
        switch pool.phase {
        case .starting: .starting
        case .drained, .stopping, .stopped: .drained
        case .running, .failed: pool.isDegraded(now: now) ? .degraded : pool.waitsForConnection ? .idle : .serving
        }
    }

    private func status(of processes: PoolProcesses, _ now: Int) -> PoolStatus? {
        guard let pool = poolManager.pools[processes.name] else { return nil }
        var status = PoolStatus(
            name: processes.name, state: Self.state(of: pool, now), generation: pool.generation,
            wantedWorkers: pool.wanted,
            endpoints: processes.configuration.endpoints.flatMap { endpoints($0, processes) })
        status.scaledTo = pool.scaledTo
        status.workers = pool.workers.compactMap { known in
            processes.workers[known.number].map { self.status(of: $0, known, now) }
        }
        status.quarantines = processes.quarantine.held(now: now).map {
            QuarantineStatus(method: $0.route.method, path: $0.route.path, crashes: $0.crashes, left: $0.left)
        }
        status.crashes = pool.crashes
        status.spawned = pool.spawned
        status.timesAtMaximum = pool.scaling.timesAtMaximum
        status.lastCrash = processes.lastCrash
        status.startFailure = pool.isUnreachable || pool.phase == .failed ? pool.startFailure : nil
        status.refusedConnections = processes.refused
        if processes.configuration.program == nil { addTraffic(of: processes, pool, to: &status) }
        return status
    }

    private func addTraffic(of processes: PoolProcesses, _ pool: PoolStateMachine, to status: inout PoolStatus) {
        var totals = processes.past
        for worker in processes.workers.values { totals.add(worker.scoreboard?.totals() ?? ScoreboardReader.Totals()) }
        status.requests = totals.requests
        status.acceptedConnections = totals.accepted
        status.failures = totals.failures
        status.bodyBytes = totals.bodyBytes
        status.responseBytes = totals.responseBytes
        status.mostActiveWorkers = pool.scaling.mostActive
    }

    private func endpoints(_ endpoint: Endpoint, _ processes: PoolProcesses) -> [EndpointStatus] {
        sockets.sockets(for: endpoint).map { socket in
            let depth = ListeningQueue.depth(of: socket.descriptor)
            let longest = max(processes.longestQueue[endpoint] ?? 0, depth?.waiting ?? 0)
            processes.longestQueue[endpoint] = longest
            var status = EndpointStatus(
                endpoint: endpoint.description, queue: depth?.waiting, queueLimit: depth?.limit, longestQueue: longest)
            let reach = socket.reach
            status.problem = socket.problem ?? reach?.warning
            if socket.problem == nil {
                let parts = [socket.placeOfAnother, reach?.summary].compactMap(\.self)
                status.access = parts.isEmpty ? nil : parts.joined(separator: ", ")
            }
            return status
        }
    }

    private func status(of worker: WorkerProcess, _ known: SupervisedWorker, _ now: Int) -> WorkerStatus {
        var status = WorkerStatus(
            number: worker.number, pid: worker.pid, generation: worker.generation, state: Self.state(of: known),
            startedAt: worker.startedAt, uptime: now - worker.started,
            residentBytes: ProcessFacts.residentBytes(worker.pid),
            processorTime: ProcessFacts.processorTime(worker.pid))
        guard let board = worker.scoreboard else { return status }
        let totals = board.totals()
        let nanoseconds = Int(MonotonicClock.nanoseconds())
        status.connections = totals.connections
        status.acceptedConnections = totals.accepted
        status.requests = totals.requests
        status.failures = totals.failures
        status.bodyBytes = totals.bodyBytes
        status.responseBytes = totals.responseBytes
        status.heldFor = totals.heldSince == 0 ? 0 : max(0, (nanoseconds - totals.heldSince) / 1_000_000)
        status.databases = worker.databases
        status.jobs = worker.jobs
        status.requestsInFlight = board.requestsInFlight(now: nanoseconds)
        return status
    }

    private static func state(of worker: SupervisedWorker) -> WorkerStatus.State {
        switch worker.state {
        case .starting: .starting
        case .loading: .loading
        case .waiting: .waiting
        case .serving: .serving
        case .draining: .draining
        case .tracing, .failed, .killed: .killed
        }
    }
}
