internal import GatehouseConfiguration
internal import GatehousePlan
internal import GatehouseSupervisor

/// What a good configuration amounts to: a line for the whole, and one for each pool.
struct ConfigurationSummary {
    var configuration: Configuration

    var lines: [String] {
        let pools = configuration.pools
        let modules = pools.reduce(0) { $0 + $1.modules.count }
        let programs = pools.count { $0.program != nil }
        var parts = [Self.count(pools.count, "pool")]
        if modules > 0 || programs == 0 { parts.append(Self.count(modules, "module")) }
        if programs > 0 { parts.append(Self.count(programs, "program")) }
        return ["ok: " + parts.joined(separator: ", ")] + pools.map(Self.line) + pools.flatMap(Self.warnings)
    }

    private static func line(_ pool: PoolConfiguration) -> String {
        let content = pool.program.map { "program \($0.command[0])" } ?? count(pool.modules.count, "module")
        let endpoints = pool.endpoints.map { endpoint in
            SocketReach(endpoint, settings: pool.socket).map { "\(endpoint) (\($0.summary))" } ?? endpoint.description
        }.joined(separator: ", ")
        return "\(pool.name): \(content), \(describe(pool.workers)), on \(endpoints)"
    }

    /// What works, and hardly as it was meant. Owner and group are those of the user who runs the check.
    private static func warnings(_ pool: PoolConfiguration) -> [String] {
        pool.endpoints.compactMap { endpoint in
            SocketReach(endpoint, settings: pool.socket)?.warning.map { "warning: \(pool.name): \(endpoint): \($0)" }
        }
    }

    private static func describe(_ workers: WorkerCount) -> String {
        switch workers {
        case .fixed(let number): count(number, "worker")
        case .scaled(let min, let max, _, _): "\(min) to \(count(max, "worker"))"
        case .onDemand(let max, _): "up to \(count(max, "worker")) on demand"
        }
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }
}
