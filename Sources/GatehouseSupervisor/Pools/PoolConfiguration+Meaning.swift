import GatehouseConfiguration
internal import GatehousePlan

extension PoolConfiguration {
    /// Whether it says the same as another, wherever in their files they stand: a comment that moves a pool's lines
    /// must not cost it its workers.
    func meansTheSame(as other: PoolConfiguration) -> Bool {
        withoutPlaces == other.withoutPlaces
    }

    private var withoutPlaces: PoolConfiguration {
        var pool = self
        for index in pool.modules.indices {
            pool.modules[index].origin = ""
            pool.modules[index].plan.settingsOrigin = ""
        }
        return pool
    }
}
