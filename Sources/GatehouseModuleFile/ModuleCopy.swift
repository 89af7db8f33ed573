internal import CGatehouseSystem
internal import GatehousePlan
internal import Glibc

/// A module's bytes as they were at one moment, in memory of our own that nobody can change any more. What is written
/// over the file later reaches nobody who has mapped the copy.
public final class ModuleCopy: Sendable {
    /// Where the file lies: absolute, links resolved.
    public let path: String
    /// Open as long as the value lives, closed on exec.
    public let descriptor: Int32

    /// A descriptor that was inherited, which is the value's to close from now on.
    public init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Copies the module at an absolute path, where only root and `user` may be able to change it.
    ///
    /// - Parameters:
    ///   - user: who is going to run the module.
    ///   - largest: in bytes; what is larger is refused.
    public static func make(
        of path: String, for user: UInt32, largest: Int = .max
    ) throws(ModuleFileError) -> ModuleCopy {
        let (file, resolved) = try ModulePath.open(path, for: user)
        defer { close(file) }
        let name = resolved.split(separator: "/").last.map { String(decoding: $0.utf8.prefix(200), as: UTF8.self) }
        let descriptor = gatehouse_memory_copy(file, name ?? "module", Int64(largest))
        guard descriptor >= 0 else {
            let message =
                errno == ETXTBSY
                ? "the file is being written: put a new one in its place in one step, by install(1) or mv(1)"
                : "it cannot be copied to memory: \(lastSystemError())"
            throw ModuleFileError("module \(resolved): \(message)", .inputOutput)
        }
        return ModuleCopy(path: resolved, descriptor: descriptor)
    }
}
