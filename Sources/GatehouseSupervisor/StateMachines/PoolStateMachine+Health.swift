internal import GatehousePlan

/// Probes of event loops, and whether the pool is well.
extension PoolStateMachine {
    /// The interval at which a worker is asked whether its event loops still turn.
    static let probeInterval = 5_000
    /// The time that a probe waits for a sample to leave with: the supervisor takes one at least once a second, and
    /// need not wake up for the probe alone.
    static let sampleWait = 1_000
    /// Added to the limit of a request: a handler that holds its loop for longer ignores its cancellation.
    private static let grace = 5_000

    var nextProbe: Int? {
        serving.lazy.filter { !$0.rules.isProgram }.map { worker in
            if let open = worker.openProbe { return open.sentAt + self.probeLimit(worker) }
            return (worker.lastProbe ?? worker.servesSince ?? worker.startedAt) + Self.probeInterval + Self.sampleWait
        }.min()
    }

    private func probeLimit(_ worker: SupervisedWorker) -> Int {
        worker.rules.requestTime == 0 ? Int.max / 4 : worker.rules.requestTime + Self.grace
    }

    /// Asks the workers whose turn it is, and gives up those that have not answered for too long.
    mutating func probe(_ now: Int) -> [PoolCommand] {
        var commands: [PoolCommand] = []
        for index in workers.indices where workers[index].canServe && !workers[index].rules.isProgram {
            let number = workers[index].number
            if let open = workers[index].openProbe {
                guard now - open.sentAt >= probeLimit(workers[index]) else { continue }
                workers[index].become(.tracing)
                workers[index].deadline = now + Self.tracingTime
                countFault(workers[index], now)
                commands.append(
                    .say(
                        "worker \(number) has not answered for \((now - open.sentAt) / 1_000) s, which is more than a "
                            + "request may take: it is killed; where it is stands below"))
                commands.append(.order(worker: number, .backtrace))
            } else if now - (workers[index].lastProbe ?? workers[index].servesSince ?? now) >= Self.probeInterval {
                lastProbeNumber += 1
                workers[index].openProbe = SupervisedWorker.Probe(number: lastProbeNumber, sentAt: now)
                workers[index].lastProbe = now
                commands.append(.order(worker: number, .probe(number: lastProbeNumber)))
            }
        }
        return commands
    }

    /// Whether the pool can serve: systemd's watchdog is fed only while each pool is well.
    func isWell(now: Int) -> Bool {
        switch phase {
        // A pool that cannot be started is no reason to kill all other pools.
        case .failed, .drained, .stopping, .stopped: return true
        case .starting, .running: break
        }
        if waitsForConnection || wanted == 0 { return true }
        if rules.isProgram { return !workers.isEmpty }
        let answered = serving.contains { worker in
            worker.openProbe.map { now - $0.sentAt < 2 * Self.probeInterval } ?? true
        }
        // Between a crash and the next worker's start no worker serves, which is no reason to kill all other pools.
        return answered || workers.contains { $0.isStarting || $0.hasClosedControlChannel && $0.isWanted } || isShort
    }

    /// Whether its workers crash faster than they are replaced, or too few serve.
    func isDegraded(now: Int) -> Bool {
        if phase == .failed { return true }
        guard phase == .running else { return false }
        if respawns.isHoldingBack { return true }
        guard let lastFault, now - lastFault < RespawnLimit.window else { return false }
        return serving.count < wanted
    }

    /// Whether no worker accepts and the last one that should have could not be started. The supervisor then answers
    /// clients itself; they would otherwise wait in the socket's queue for as long as that lasts.
    var isUnreachable: Bool {
        guard startFailure != nil, phase == .running || phase == .failed else { return false }
        // A program has its sockets from its start.
        return !workers.contains { $0.rules.isProgram || $0.state == .serving }
    }

    /// Seconds until it is worth asking again.
    func retryAfter(now: Int) -> Int {
        var limit = respawns
        return max(1, (limit.nextStart(now: now) - now + 999) / 1_000) + 1
    }

    /// Whether no worker accepts any more.
    var hasStoppedAccepting: Bool {
        !workers.contains { $0.state == .serving || $0.state == .draining && !$0.hasStoppedAccepting }
    }
}
