import GatehouseConfiguration
internal import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// Fingerprints that tell a pool's module files from later ones of the same names.
struct ModuleFingerprints: Equatable {
    private var files: [String: File] = [:]

    private struct File: Equatable {
        var device: UInt
        var inode: UInt
        var size: Int
        var changedAt: Int
        var changedAtNanosecond: Int
        /// Two files that differ in nothing else are the same module, copied anew.
        var content: UInt64
    }

    func content(of path: String) -> UInt64? { files[path]?.content }

    init(of pool: PoolConfiguration) {
        for module in pool.modules {
            var status = stat()
            guard stat(module.plan.path, &status) == 0 else { continue }
            files[module.plan.path] = File(
                device: UInt(status.st_dev), inode: UInt(status.st_ino), size: Int(status.st_size),
                changedAt: status.st_ctim.tv_sec, changedAtNanosecond: status.st_ctim.tv_nsec,
                content: Self.isRegular(status) ? Self.hash(module.plan.path) : 0)
        }
    }

    private static func isRegular(_ status: stat) -> Bool { status.st_mode & S_IFMT == S_IFREG }

    /// A hash that tells one build from another, not from a forgery; 0 for a file that cannot be read or is no module.
    ///
    /// The folder may belong to the pool's user, who must not make the supervisor wait: a named pipe has no end, and a
    /// file may be larger than any disk.
    private static func hash(_ path: String) -> UInt64 {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard file >= 0 else { return 0 }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, isRegular(status), status.st_size <= ModuleCopies.largest else { return 0 }
        // A file with more zeros at its end is another file.
        var hash = UInt64(status.st_size) &* 0xcbf2_9ce4_8422_2325
        var buffer = [UInt64](repeating: 0, count: 8_192)
        var left = ModuleCopies.largest
        while left > 0 {
            let count = buffer.withUnsafeMutableBytes { bytes in
                let count = retryingOnInterruption { read(file, bytes.baseAddress, bytes.count) }
                // Bytes of the last word beyond the end are not the file's.
                if count > 0 { for index in count..<min(bytes.count, (count + 7) & ~7) { bytes[index] = 0 } }
                return count
            }
            guard count > 0 else { break }
            left -= count
            for word in buffer.prefix((count + 7) / 8) {
                hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
                hash ^= hash >> 29
            }
        }
        return hash
    }
}
