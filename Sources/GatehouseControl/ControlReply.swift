/// What the supervisor says to it: any number of `progress`, then one of the others, and the end of the connection.
public enum ControlReply: Codable, Equatable, Sendable {
    case progress(String)
    case done(String)
    /// The message is complete: what, where, what to do. The status is what the command exits with.
    case failed(message: String, exitStatus: Int32)
    case status(StatusReport)
}
