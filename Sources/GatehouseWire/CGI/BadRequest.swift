/// A request whose CGI variables are no HTTP request. It is answered without its handler.
public struct BadRequest: Error, Sendable, Equatable {
    /// 400, or 414 for a path and query that are too long.
    public var httpStatus: Int
    /// For the log. It repeats nothing of the request but variables' names and numbers.
    public var reason: String

    public init(httpStatus: Int = 400, reason: String) {
        self.httpStatus = httpStatus
        self.reason = reason
    }
}
