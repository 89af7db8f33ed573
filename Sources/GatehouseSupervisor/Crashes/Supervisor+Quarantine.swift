internal import GatehouseConfiguration
import GatehouseControl
import GatehousePlan
internal import GatehouseSystem

/// Routes that kill workers: blamed, made known to the workers, and released.
extension Supervisor {
    func blame(_ culprit: RequestStatus, of generation: Int, _ host: PoolProcesses) {
        let path = String(culprit.path.prefix { $0 != "?" })
        let route = Quarantine.Route(method: culprit.method, path: path)
        let module = host.content(of: route, generation: generation)
        guard host.quarantine.crashed(route, of: module, now: MonotonicClock.milliseconds()) else { return }
        let seconds = (host.quarantine.settings?.duration ?? 0) / 1_000
        say(
            "\(culprit.method) \(path) is quarantined: it has killed "
                + "\(host.quarantine.settings?.crashes ?? 0) workers; it is answered 503 for \(seconds) s, or until: "
                + "gatehouse release", host, .warning)
        sendQuarantine(of: host)
    }

    func sendQuarantine(of host: PoolProcesses) {
        let now = MonotonicClock.milliseconds()
        for worker in host.workers.values where worker.scoreboard != nil {
            let routes = host.quarantine.order(now: now) { host.content(of: $0, generation: worker.generation) }
            send(.quarantine(routes), to: worker.number, host)
        }
    }

    /// Another generation serves: crashes of an earlier build of a module are no longer held against the route.
    func forgetReplacedModules(of host: PoolProcesses, serving generation: Int) {
        let released = host.quarantine.modulesChanged { host.content(of: $0, generation: generation) }
        for route in released {
            say("\(route.method) \(route.path) is no longer quarantined: its module has been replaced", host)
        }
        if !released.isEmpty { sendQuarantine(of: host) }
    }

    func endQuarantines(of host: PoolProcesses, _ now: Int) {
        let released = host.quarantine.clockAdvanced(now: now)
        guard !released.isEmpty else { return }
        for route in released { say("\(route.method) \(route.path) is no longer quarantined", host) }
        sendQuarantine(of: host)
    }
}
