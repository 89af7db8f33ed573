/// Requests that are answered 503 without reaching their module, because such requests have killed workers.
public struct QuarantinedRoute: Codable, Sendable, Hashable {
    public var method: String
    /// The path as the front server sent it, without its query; compared byte by byte.
    public var path: String
    /// What Retry-After says: seconds until the supervisor lifts it, from the moment of the order.
    public var retryAfter: Int

    public init(method: String, path: String, retryAfter: Int) {
        self.method = method
        self.path = path
        self.retryAfter = retryAfter
    }
}
