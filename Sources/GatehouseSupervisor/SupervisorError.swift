public import GatehousePlan
internal import Glibc

/// Why the supervisor cannot do what it was asked. `message` is complete: what, where, and what to do about it.
public struct SupervisorError: Error, Equatable, CustomStringConvertible {
    public let message: String
    public let exitStatus: ExitStatus

    public init(_ message: String, _ exitStatus: ExitStatus) {
        self.message = message
        self.exitStatus = exitStatus
    }

    public var description: String { message }
}

/// The text of a failed system call: the last one in this thread, or of the error number given.
func systemError(_ number: Int32 = errno) -> String {
    String(cString: strerror(number))
}
