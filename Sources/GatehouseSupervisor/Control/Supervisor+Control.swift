import GatehouseConfiguration
import GatehouseControl
import GatehousePlan

/// Requests of operators on the control socket.
extension Supervisor {
    func serve(_ client: ControlClient) {
        client.sendUnsent()
        switch client.read() {
        case nil: break
        case .malformed:
            client.send(
                .failed(
                    message:
                        "the supervisor does not know that command: it is of another version, see gatehouse upgrade",
                    exitStatus: ExitStatus.usage.rawValue))
        case .request(let request): answer(request, client)
        }
    }

    private func answer(_ request: ControlRequest, _ client: ControlClient) {
        switch request {
        case .status: client.send(.status(status()))
        case .reload(let pool): requestReload(pool: pool, for: client)
        case .stop(let atOnce):
            log.say("told to stop\(atOnce ? " at once" : "")")
            stop(atOnce: atOnce)
            client.send(.done(atOnce ? "stopping" : "stopping: the requests in flight are finished first"))
        case .reopen:
            reopenLogs()
            client.send(.done("log files have been reopened"))
        case .upgrade: upgrade(for: client)
        case .drain(let pool):
            command(pool, client) { _ in
                perform(.pool(pool, .drainRequested))
                return "draining \(pool): it takes nothing new until it is scaled or reloaded"
            }
        case .scale(let pool, let workers): scale(pool, to: workers, client)
        case .release(let pool, let route): release(pool, route, client)
        }
    }

    private func command(_ pool: String, _ client: ControlClient, _ work: (PoolProcesses) -> String) {
        guard let processes = pools[pool] else {
            let names = pools.keys.sorted().joined(separator: ", ")
            return client.send(
                .failed(
                    message: "there is no pool \(printable(pool)): there is \(names)",
                    exitStatus: ExitStatus.usage.rawValue))
        }
        guard poolManager.pools[pool]?.phase != .starting else {
            return client.send(
                .failed(
                    message: "pool \(pool) is being started: try again when it serves",
                    exitStatus: ExitStatus.inputOutput.rawValue))
        }
        let line = work(processes)
        log.say(line)
        client.send(.done(line))
    }

    private func scale(_ pool: String, to workers: Int, _ client: ControlClient) {
        guard PoolConfiguration.workerRange.contains(workers) else {
            return client.send(
                .failed(
                    message: "a pool has from 1 to \(PoolConfiguration.workerRange.upperBound) workers: to have none, "
                        + "drain it",
                    exitStatus: ExitStatus.usage.rawValue))
        }
        command(pool, client) { _ in
            perform(.pool(pool, .scaled(to: workers)))
            return "\(pool) gets \(workers == 1 ? "1 worker" : "\(workers) workers"), until the next reload"
        }
    }

    private func release(_ pool: String?, _ text: String?, _ client: ControlClient) {
        if let pool, pools[pool] == nil { return command(pool, client) { _ in "" } }
        var route: Quarantine.Route?
        if let text {
            let words = text.split(separator: " ", maxSplits: 1).map(String.init)
            route =
                words.count == 2
                ? Quarantine.Route(method: words[0], path: words[1]) : Quarantine.Route(method: "GET", path: text)
        }
        var released: [String] = []
        for processes in pools.values where pool == nil || processes.name == pool {
            let routes = processes.quarantine.release(route)
            guard !routes.isEmpty else { continue }
            sendQuarantine(of: processes)
            released += routes.map { "\($0.method) \($0.path)" }
            for route in routes { say("\(route.method) \(route.path) is released from quarantine", processes) }
        }
        guard !released.isEmpty else {
            return client.send(
                .failed(message: "there is no such quarantine", exitStatus: ExitStatus.usage.rawValue))
        }
        client.send(.done("released: " + released.joined(separator: ", ")))
    }
}
