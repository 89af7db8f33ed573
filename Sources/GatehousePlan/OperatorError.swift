/// A failure that ends an operator's command. `message` is complete: the fault, its place, and the remedy.
public struct OperatorError: Error, Equatable, CustomStringConvertible {
    /// One line or more, without the program's name and without a newline at the end.
    public let message: String
    /// The status that a command exits with if it can do nothing else.
    public let exitStatus: ExitStatus

    public init(_ message: String, _ exitStatus: ExitStatus) {
        self.message = message
        self.exitStatus = exitStatus
    }

    public var description: String { message }
}
