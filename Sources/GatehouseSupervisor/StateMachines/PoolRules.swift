import GatehouseConfiguration
internal import GatehousePlan

/// The rules that a pool's workers are held to. Times in milliseconds; 0 is no limit.
struct PoolRules: Equatable, Sendable {
    var count: WorkerCount
    var recycling: RecyclingSettings
    /// Number of modules to load, each within `loadTime`.
    var modules: Int
    var loadTime: Int
    var drainTime: Int
    var requestTime: Int
    /// The signal that tells a program to finish and leave; `nil` for workers of ours, which take orders.
    var stopSignal: Int32?

    var isProgram: Bool { stopSignal != nil }
}

extension PoolRules {
    init(_ pool: PoolConfiguration) {
        self.init(pool.limits, count: pool.workers)
        recycling = pool.recycling
        modules = pool.modules.count
        stopSignal = pool.program?.stopSignal
    }

    /// Rules that follow from limits alone: nothing is recycled, and nothing is loaded.
    init(_ limits: LimitsPlan = LimitsPlan(), count: WorkerCount = .fixed(1)) {
        self.init(
            count: count, recycling: RecyclingSettings(), modules: 1, loadTime: limits[.load],
            drainTime: limits[.drain], requestTime: limits[.request])
    }
}
