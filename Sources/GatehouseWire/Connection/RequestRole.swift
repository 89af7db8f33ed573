/// What the front server asks of the application (FastCGI 1.0, section 6). SCGI knows only the responder.
public enum RequestRole: UInt16, Sendable, Equatable {
    case responder = 1
    case authorizer = 2
    case filter = 3
}
