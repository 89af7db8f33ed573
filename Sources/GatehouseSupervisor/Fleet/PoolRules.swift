import GatehouseConfiguration
internal import GatehousePlan

/// What a pool's workers are held to. Times in milliseconds; 0 is no limit.
struct PoolRules: Equatable, Sendable {
    var count = WorkerCount.fixed(1)
    var recycling = RecyclingSettings()
    var loadTime = 30_000
    var drainTime = 30_000
    var requestTime = 300_000
    /// The signal that tells a program to finish and leave; `nil` for workers of ours, which take orders.
    var stopSignal: Int32?

    var isProgram: Bool { stopSignal != nil }
}

extension PoolRules {
    /// The defaults are the worker's own (GatehouseWire's `Limits`).
    init(_ pool: PoolConfiguration) {
        count = pool.workers
        recycling = pool.recycling
        if let time = pool.limits.loadTime { loadTime = time }
        if let time = pool.limits.drainTime { drainTime = time }
        if let time = pool.limits.requestTime { requestTime = time }
        stopSignal = pool.program?.stopSignal
    }
}
