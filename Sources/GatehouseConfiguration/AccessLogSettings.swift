/// `access-log: { path: /var/log/gatehouse/web.log, format: combined }`
public struct AccessLogSettings: Equatable, Sendable {
    public var place: LogPlace
    /// One of `AccessLogFormat`'s names, or a format string: see `AccessLogPlan`.
    public var format: String

    public init(_ place: LogPlace, format: String = "combined") {
        self.place = place
        self.format = format
    }
}
