/// How a worker writes one line for each request.
public struct AccessLogPlan: Codable, Sendable, Equatable {
    /// The log file, open for appending.
    public var descriptor: Int32
    /// One of ``AccessLogFormat/names``, or a format string with nginx's names, such as
    /// `$remote_addr [$time_iso8601] "$request"`.
    public var format: String

    public init(descriptor: Int32, format: String) {
        self.descriptor = descriptor
        self.format = format
    }
}
