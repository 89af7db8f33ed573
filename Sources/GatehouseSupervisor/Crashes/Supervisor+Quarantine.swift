internal import GatehouseConfiguration
import GatehouseControl
import GatehousePlan
internal import GatehouseSystem

/// Routes that kill workers: blamed, made known to the workers, and released.
extension Supervisor {
    func blame(_ culprit: RequestStatus, of generation: Int, _ processes: PoolProcesses) {
        let path = String(culprit.path.prefix { $0 != "?" })
        let route = Quarantine.Route(method: culprit.method, path: path)
        let module = processes.content(of: route, generation: generation)
        guard processes.quarantine.crashed(route, of: module, now: MonotonicClock.milliseconds()) else { return }
        let seconds = (processes.quarantine.settings?.duration ?? 0) / 1_000
        say(
            "\(culprit.method) \(path) is quarantined: it has killed "
                + "\(processes.quarantine.settings?.crashes ?? 0) workers; it is answered 503 for \(seconds) s, or "
                + "until: gatehouse release", processes, .warning)
        sendQuarantine(of: processes)
    }

    func sendQuarantine(of processes: PoolProcesses) {
        let now = MonotonicClock.milliseconds()
        for worker in processes.workers.values where worker.scoreboard != nil {
            let routes = processes.quarantine.order(now: now) {
                processes.content(of: $0, generation: worker.generation)
            }
            send(.quarantine(routes), to: worker.number, processes)
        }
    }

    /// Another generation serves: crashes of an earlier build of a module are no longer held against the route.
    func forgetReplacedModules(of processes: PoolProcesses, serving generation: Int) {
        let released = processes.quarantine.modulesChanged { processes.content(of: $0, generation: generation) }
        for route in released {
            say("\(route.method) \(route.path) is no longer quarantined: its module has been replaced", processes)
        }
        if !released.isEmpty { sendQuarantine(of: processes) }
    }

    func endQuarantines(of processes: PoolProcesses, _ now: Int) {
        let released = processes.quarantine.clockAdvanced(now: now)
        guard !released.isEmpty else { return }
        for route in released { say("\(route.method) \(route.path) is no longer quarantined", processes) }
        sendQuarantine(of: processes)
    }
}
