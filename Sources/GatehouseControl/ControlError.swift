public import GatehousePlan

/// Why a running supervisor could not be asked, or would not. `message` is complete: what, where, and what to do.
public struct ControlError: Error, Equatable, CustomStringConvertible {
    public let message: String
    public let exitStatus: ExitStatus

    public init(_ message: String, _ exitStatus: ExitStatus) {
        self.message = message
        self.exitStatus = exitStatus
    }

    public var description: String { message }
}
