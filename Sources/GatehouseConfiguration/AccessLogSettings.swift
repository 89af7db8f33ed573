/// `access-log: { path: /var/log/gatehouse/web.log, format: combined }`
public struct AccessLogSettings: Equatable, Sendable {
    /// Absolute.
    public var path: String
    /// One of `AccessLogFormat`'s names, or a format string: see `AccessLogPlan`.
    public var format: String

    public init(path: String, format: String = "combined") {
        self.path = path
        self.format = format
    }
}
