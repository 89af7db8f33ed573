import GatehouseConfiguration
internal import GatehousePlan

/// What a pool's workers are held to. Times in milliseconds; 0 is no limit.
struct PoolRules: Equatable, Sendable {
    var count = WorkerCount.fixed(1)
    var recycling = RecyclingSettings()
    /// How many there are to load, each within the time.
    var modules = 1
    var loadTime = Limit.load.definition.standard
    var drainTime = Limit.drain.definition.standard
    var requestTime = Limit.request.definition.standard
    /// The signal that tells a program to finish and leave; `nil` for workers of ours, which take orders.
    var stopSignal: Int32?

    var isProgram: Bool { stopSignal != nil }
}

extension PoolRules {
    init(_ pool: PoolConfiguration) {
        count = pool.workers
        recycling = pool.recycling
        modules = pool.modules.count
        loadTime = pool.limits[.load]
        drainTime = pool.limits[.drain]
        requestTime = pool.limits[.request]
        stopSignal = pool.program?.stopSignal
    }
}
