internal import CGatehouseSystem
public import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// A module's bytes as they were at one moment, in sealed memory. A later write to the file does not reach the workers
/// that have mapped the copy.
public final class ModuleCopy: Sendable {
    /// The path of the file: absolute, links resolved.
    public let path: String
    /// Open for as long as the value lives, closed on exec.
    public let descriptor: Int32

    /// Takes an inherited descriptor, and closes it at the end of its own life.
    public init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Copies the module at an absolute path, which only root and `user` may be able to change.
    ///
    /// - Parameters:
    ///   - user: the user who is going to run the module.
    ///   - largest: the most bytes; a larger file is refused.
    public static func make(
        of path: String, for user: UInt32, largest: Int = .max
    ) throws(OperatorError) -> ModuleCopy {
        let (file, resolved) = try ModulePath.open(path, for: user)
        defer { close(file) }
        let name = resolved.split(separator: "/").last.map { String(decoding: $0.utf8.prefix(200), as: UTF8.self) }
        let descriptor = gatehouse_memory_copy(file, name ?? "module", Int64(largest))
        guard descriptor >= 0 else {
            let error = SystemError("copy")
            let message =
                error.code == ETXTBSY
                ? "the file is being written: put a new one in its place in one step, by install(1) or mv(1)"
                : "it cannot be copied to memory: \(error.reason)"
            throw OperatorError("module \(resolved): \(message)", .inputOutput)
        }
        return ModuleCopy(path: resolved, descriptor: descriptor)
    }
}
