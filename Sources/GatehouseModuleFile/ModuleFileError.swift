public import GatehousePlan

/// Why a file cannot be used as a module. `message` is complete: what, where, and what to do about it.
public struct ModuleFileError: Error, Equatable, CustomStringConvertible {
    public let message: String
    /// What a program that can do nothing else exits with.
    public let exitStatus: Int32

    public init(_ message: String, _ status: ExitStatus) {
        self.message = message
        self.exitStatus = status.rawValue
    }

    public var description: String { message }
}
