import GatehouseConfiguration
internal import GatehousePlan

/// The line that says that a pool serves: `fastcgi:/run/web.sock, 2 modules (/ → Hello 1.0, /blog → Blog 2.1), 4
/// workers`
struct ReadyLine {
    let processes: PoolProcesses
    let sockets: SocketTable
    let workers: Int

    var text: String {
        let pool = processes.configuration
        let endpoints = pool.endpoints.map { sockets.describe($0) }.joined(separator: ", ")
        return "\(endpoints), \(content(of: pool))" + (workers == 1 ? "" : ", \(workers) workers")
    }

    private func content(of pool: PoolConfiguration) -> String {
        if let program = pool.program { return program.command.joined(separator: " ") }
        let modules = pool.modules.map { module in
            let file = String(module.plan.path.split(separator: "/").last ?? "?")
            return "\(module.plan.mount) → \(processes.moduleNames[module.plan.path] ?? file)"
        }
        let count = modules.count == 1 ? "1 module" : "\(modules.count) modules"
        return "\(count) (\(modules.joined(separator: ", ")))"
    }
}
