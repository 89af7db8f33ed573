/// The variables of an access log's format, by nginx's names.
///
/// To add one: a case here, its line in the switch of `LoopAccessLog`, and its row in CONFIGURATION.md, which a test
/// compares with this list.
public enum AccessLogVariable: String, CaseIterable, Sendable {
    /// The client's address, as the front server knows it.
    case remoteAddress = "remote_addr"
    case remotePort = "remote_port"
    /// The user's name, as the front server has authenticated it.
    case remoteUser = "remote_user"
    /// `24/Nov/2026:10:00:00 +0000`, in UTC.
    case localTime = "time_local"
    /// `2026-11-24T10:00:00+00:00`, in UTC.
    case isoTime = "time_iso8601"
    /// Seconds since 1970, with milliseconds.
    case seconds = "msec"
    /// Method, path with query, and protocol.
    case request
    case requestMethod = "request_method"
    /// Path and query as the client sent them.
    case requestURI = "request_uri"
    /// The path alone.
    case uri
    /// The query alone, without its `?`.
    case query = "args"
    case serverProtocol = "server_protocol"
    /// The response's status; 499 if the front server gave the request up.
    case status
    /// Bytes of the response's body.
    case bodyBytesSent = "body_bytes_sent"
    /// Bytes of the request's body.
    case bodyBytesReceived = "body_bytes_received"
    /// Seconds from the request's head to its end, with milliseconds.
    case requestTime = "request_time"
    /// The front server's REQUEST_ID, or a number of the worker's.
    case requestID = "request_id"
    /// The Host header, or else the front server's own name.
    case host
    case serverName = "server_name"
    case scheme
    /// The module that answered, `gatehouse` if none did.
    case module
    /// The worker's process id.
    case processID = "pid"
    /// The pool's name.
    case pool
}
