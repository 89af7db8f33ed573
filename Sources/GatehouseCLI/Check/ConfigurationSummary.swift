internal import GatehouseConfiguration

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
        return ["ok: " + parts.joined(separator: ", ")] + pools.map(Self.line)
    }

    private static func line(_ pool: PoolConfiguration) -> String {
        let content = pool.program.map { "program \($0.command[0])" } ?? count(pool.modules.count, "module")
        let endpoints = pool.endpoints.map(\.description).joined(separator: ", ")
        return "\(pool.name): \(content), \(describe(pool.workers)), on \(endpoints)"
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
