/// The head of a CGI response (RFC 3875, section 6): the status as a front server would pass it on, and the headers.
public struct ClientResponseHead: Sendable, Equatable {
    public var status: Int
    /// The words after the status; empty where the application gave none.
    public var reason: String
    /// Without `Status`, which is the front server's.
    public var headers: [ClientHeader]

    public init(status: Int, reason: String = "", headers: [ClientHeader] = []) {
        self.status = status
        self.reason = reason
        self.headers = headers
    }

    /// The first header with this name, in any case.
    public subscript(_ name: String) -> String? {
        headers.first { $0.isNamed(name) }?.value
    }
}
