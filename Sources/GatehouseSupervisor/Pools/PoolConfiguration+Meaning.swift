import GatehouseConfiguration
internal import GatehousePlan

extension PoolConfiguration {
    /// Whether it differs from another only in its place in the file: a comment that moves a pool's lines must not cost
    /// it its workers.
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

    /// The module that answers under a path: that of the longest mount.
    func module(at path: String) -> ConfiguredModule? {
        modules.filter { module in
            let mount = module.plan.mount
            return mount == "/" || path == mount || path.hasPrefix(mount + "/")
        }
        .max { $0.plan.mount.utf8.count < $1.plan.mount.utf8.count }
    }
}
