internal import CGatehouseSystem
import GatehouseConfiguration
import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// Messages, figures and ends of workers.
extension Supervisor {
    // MARK: Messages

    func readReports(of worker: WorkerProcess, _ processes: PoolProcesses, all: Bool) {
        let takesOrders = worker.sendUnsent()
        for message in worker.readReports(all: all) {
            switch message {
            case .end: pending.append(.pool(processes.name, .controlChannelClosed(worker: worker.number)))
            case .malformedReport: pending.append(.pool(processes.name, .malformedReport(worker: worker.number)))
            case .report(let report):
                if report == .ready { worker.isReady = true }
                if case .databases(let uses) = report { worker.note(uses) }
                if case .jobs(let uses) = report { worker.note(uses) }
                processes.note(report, from: worker)
                pending.append(.pool(processes.name, .reported(worker: worker.number, report)))
            }
        }
        if !takesOrders { pending.append(.pool(processes.name, .controlChannelClosed(worker: worker.number))) }
        // All at once: consequences of the first message must not come between it and the second.
        performPending()
    }

    func readOutput(of worker: WorkerProcess, _ processes: PoolProcesses, all: Bool) {
        let now = MonotonicClock.milliseconds()
        let isDegraded = poolManager.pools[processes.name]?.isDegraded(now: now) ?? false
        for line in worker.readOutput(all: all) {
            log.pass(
                line, from: worker.pid, of: processes.name, isProgram: worker.isProgram, isDegraded: isDegraded,
                now: now)
        }
    }

    // MARK: Figures

    /// The time between two samples in milliseconds: scaling needs to see bursts.
    var sampleInterval: Int {
        configuration.pools.contains { if case .fixed = $0.workers { false } else { true } } ? 250 : 1_000
    }

    func sample(_ now: Int) {
        nextSample = now + sampleInterval
        for processes in pools.values {
            let samples = processes.workers.compactMapValues { worker -> WorkerSample? in
                guard let board = worker.scoreboard else { return nil }
                let totals = board.totals()
                return WorkerSample(
                    requests: totals.requests, requestsInFlight: totals.inFlight, connections: totals.connections,
                    residentBytes: ProcessFacts.residentBytes(worker.pid), answeredProbe: board.answeredProbe)
            }
            for worker in processes.workers.values { worker.forgetGiven() }
            perform(.pool(processes.name, .sampled(samples)))
            sayWhatIsLost(processes)
        }
    }

    // MARK: Ends

    func ended(_ worker: WorkerProcess, of processes: PoolProcesses) {
        guard processes.workers[worker.number] === worker, !worker.hasEnded else { return }
        readReports(of: worker, processes, all: true)
        readOutput(of: worker, processes, all: true)
        receiveConnections(from: worker, processes, all: true)
        let end = worker.wait()
        if let totals = worker.scoreboard?.totals() { processes.past.add(totals) }
        processes.clearBalanceCell(worker.balanceCell)
        worker.hasEnded = true
        if !worker.isReady, case .killed = end {
            // The message of a failed start is the last line of `serve` or `reload`, so it waits for the explanation.
            let isToCome = crashes.explain(worker, processes) { [self] explanation in
                worker.explanation = explanation
                forget(worker, end, of: processes)
            }
            if isToCome { return }
        }
        forget(worker, end, of: processes)
    }

    private func forget(_ worker: WorkerProcess, _ end: WorkerEnd, of processes: PoolProcesses) {
        var report = CrashReport(pool: processes.name, worker: worker, end: end, during: "")
        report.explanation = worker.explanation
        perform(.pool(processes.name, .ended(worker: worker.number, end, why: report.why)))
        processes.workers[worker.number] = nil
        forgetUnusedGenerations(of: processes)
        hasIdleCode = true
    }

    /// Collects children that another process started: as process 1 of a container the supervisor is the parent of
    /// whatever a handler or a program left behind. A child of our own blocks this until its process descriptor has
    /// reported its end; then this is called again.
    func reapStrangers() {
        guard options.collectsStrangers else { return }
        while case let child = gatehouse_ended_child(), child > 0, !isOurs(child) { waitpid(child, nil, WNOHANG) }
    }

    private func isOurs(_ child: pid_t) -> Bool {
        upgradeTrial?.pid == child || crashes.isExplaining(child)
            || pools.values.contains { $0.workers.values.contains { $0.pid == child } }
    }
}
