internal import CGatehouseSystem
import GatehouseConfiguration
import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// Messages, figures and ends of workers.
extension Supervisor {
    // MARK: Messages

    func readReports(of worker: WorkerProcess, _ host: PoolProcesses, all: Bool) {
        let takesOrders = worker.sendUnsent()
        for message in worker.readReports(all: all) {
            switch message {
            case .end: pending.append(.pool(host.name, .controlChannelClosed(worker: worker.number)))
            case .malformedReport: pending.append(.pool(host.name, .malformedReport(worker: worker.number)))
            case .report(let report):
                if report == .ready { worker.isReady = true }
                host.note(report, from: worker)
                pending.append(.pool(host.name, .reported(worker: worker.number, report)))
            }
        }
        if !takesOrders { pending.append(.pool(host.name, .controlChannelClosed(worker: worker.number))) }
        // All at once: consequences of the first message must not come between it and the second.
        performPending()
    }

    func readOutput(of worker: WorkerProcess, _ host: PoolProcesses, all: Bool) {
        let now = MonotonicClock.milliseconds()
        let isDegraded = poolManager.pools[host.name]?.isDegraded(now: now) ?? false
        for line in worker.readOutput(all: all) {
            log.pass(
                line, from: worker.pid, of: host.name, isProgram: worker.isProgram, isDegraded: isDegraded, now: now)
        }
    }

    // MARK: Figures

    /// The time between two samples in milliseconds: scaling needs to see bursts.
    var sampleInterval: Int {
        configuration.pools.contains { if case .fixed = $0.workers { false } else { true } } ? 250 : 1_000
    }

    func sample(_ now: Int) {
        nextSample = now + sampleInterval
        for host in hosts.values {
            let samples = host.workers.compactMapValues { worker -> WorkerSample? in
                guard let totals = worker.scoreboard?.totals() else { return nil }
                return WorkerSample(
                    requests: totals.requests, requestsInFlight: totals.inFlight, connections: totals.connections,
                    residentBytes: ProcessFacts.residentBytes(worker.pid))
            }
            for worker in host.workers.values { worker.forgetGiven() }
            perform(.pool(host.name, .sampled(samples)))
            sayWhatIsLost(host)
        }
    }

    // MARK: Ends

    func ended(_ worker: WorkerProcess, of host: PoolProcesses) {
        guard host.workers[worker.number] === worker, !worker.hasEnded else { return }
        readReports(of: worker, host, all: true)
        readOutput(of: worker, host, all: true)
        receiveConnections(from: worker, host, all: true)
        let end = worker.wait()
        if let totals = worker.scoreboard?.totals() { host.past.add(totals) }
        host.clearBalanceCell(worker.balanceCell)
        worker.hasEnded = true
        if !worker.isReady, case .killed = end {
            // The message of a failed start is the last line of `serve` or `reload`, so it waits for the explanation.
            let isToCome = crashes.explain(worker, host) { [self] explanation in
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
        forgetUnusedGenerations(of: host)
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
            || hosts.values.contains { $0.workers.values.contains { $0.pid == child } }
    }
}
