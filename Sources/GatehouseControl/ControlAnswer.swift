/// How a request to the supervisor has ended well.
public enum ControlAnswer: Equatable, Sendable {
    case done(String)
    case status(StatusReport)
}
