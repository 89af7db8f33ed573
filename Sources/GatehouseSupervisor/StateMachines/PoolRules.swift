import GatehouseConfiguration
internal import GatehousePlan

/// What a pool's workers are held to. Times in milliseconds; 0 is no limit.
struct PoolRules: Equatable, Sendable {
    var count = WorkerCount.fixed(1)
    var recycling = RecyclingSettings()
    /// How many there are to load, each within the time.
    var modules = 1
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
        modules = pool.modules.count
        if let time = pool.limits.loadTime { loadTime = time }
        if let time = pool.limits.drainTime { drainTime = time }
        if let time = pool.limits.requestTime { requestTime = time }
        stopSignal = pool.program?.stopSignal
    }
}
