import GatehouseConfiguration
internal import GatehousePlan
internal import Glibc

/// What tells a pool's module files from later ones of the same names.
struct ModuleFingerprints: Equatable {
    private var files: [String: File] = [:]

    private struct File: Equatable {
        var device: UInt
        var inode: UInt
        var size: Int
        var changedAt: Int
        var changedAtNanosecond: Int
    }

    init(of pool: PoolConfiguration) {
        for module in pool.modules {
            var status = stat()
            guard stat(module.plan.path, &status) == 0 else { continue }
            files[module.plan.path] = File(
                device: UInt(status.st_dev), inode: UInt(status.st_ino), size: Int(status.st_size),
                changedAt: status.st_ctim.tv_sec, changedAtNanosecond: status.st_ctim.tv_nsec)
        }
    }
}
