/// Every limit that stands between a peer and a worker's memory or time, with its default and the reason for it.
///
/// Sizes are bytes. GatehousePlan's `Limit` is the table of those that the configuration can set, with their ranges.
public struct Limits: Sendable, Equatable {
    /// A time of the monotonic clock; 0 means "no limit".
    public typealias Nanoseconds = Int64

    /// All names and values of one request together, as they came on the wire. nginx and lighttpd cannot send more than
    /// 65,535; httpd, Caddy and h2o can, so this is four times that.
    public var parameterBytes = 262_144

    /// Pairs in one request. A busy nginx sends about 40; h2o answers 503 above 100 headers.
    public var parameterCount = 1_000

    /// One name. Longer than any header name in use, short enough that no name can fill a table of names.
    public var parameterNameLength = 1_024

    /// One value. The largest that nginx can send in its single PARAMS record.
    public var parameterValueLength = 65_535

    /// A request's path and query: 414 above it. Signed links and single sign-on make some of 10,000 bytes and more.
    /// Front servers allow fewer by default (nginx: `large_client_header_buffers`; Apache: `LimitRequestLine`), so this
    /// matters to operators who have raised that. It is four times nginx's and Apache's 8,192, and the most that nginx
    /// can send: its single record holds the query twice, in REQUEST_URI and QUERY_STRING.
    public var targetLength = 32_768

    /// Bytes of unfinished parameters, for all requests of one connection together; a request that exceeds them gets a
    /// 503. As many as waiting body bytes, and never fewer than one request may have. Front servers send a request's
    /// parameters in one piece, so two unfinished heads at a time are rare.
    public var headBytesPerConnection = 1_048_576

    /// The same for all connections of a worker together, since 10,000 connections could each reach their own limit.
    /// Above it, the connections with the most unfinished bytes are closed.
    public var headBytesPerWorker = 67_108_864

    /// Requests that one connection may have alive at a time, aborted ones whose handler still runs included: an abort
    /// that freed its place at once would let a peer start handlers faster than they end.
    public var concurrentRequests = 100

    /// Connections that one worker keeps open; further ones wait in the listening socket's backlog.
    public var connections = 10_000

    /// The body of one request. Bodies are streamed, so this guards the handler's disk and time and not our memory; the
    /// front server has a limit of its own (nginx: `client_max_body_size`, 1 MiB).
    public var bodyBytes = 1_073_741_824

    /// Body bytes that wait for one request's handler. Above it the connection is no longer read.
    public var bufferedBytesPerRequest = 262_144

    /// Body bytes that wait on one connection, for all its requests together.
    public var bufferedBytesPerConnection = 1_048_576

    /// From a request's first byte to the last of its parameters. Front servers send them in one write.
    public var headTime: Nanoseconds = 10_000_000_000

    /// Between two pieces of a body. As nginx's own `client_body_timeout`.
    public var bodyIdleTime: Nanoseconds = 60_000_000_000

    /// Between two pieces of a response that the peer takes from us. As nginx's own `send_timeout`.
    public var writeIdleTime: Nanoseconds = 60_000_000_000

    /// A whole request, from its first byte to the end of its response.
    public var requestTime: Nanoseconds = 300_000_000_000

    /// The longest time that one request's full buffer may stop the reading of its multiplexed connection. After that,
    /// this request alone fails.
    public var stalledRequestTime: Nanoseconds = 2_000_000_000

    /// The longest time that the socket of a connection stays open after its last answer, when the front server owes us
    /// nothing: some clients send one more empty record. libfcgi waits as long.
    public var lateRecordTime: Nanoseconds = 2_000_000_000

    /// The time that a broken-off answer on a multiplexed connection leaves the connection's other requests to end,
    /// because only the whole connection can be broken off.
    public var brokenAnswerTime: Nanoseconds = 2_000_000_000

    /// The time for reading and dropping the rest of an unwanted body after its response. Then the connection is
    /// closed, even if the front server still sends.
    public var lingerTime: Nanoseconds = 30_000_000_000

    /// The time that a worker, once told to stop, gives the requests in flight.
    public var drainTime: Nanoseconds = 30_000_000_000

    public init() {}

    /// FCGI_GET_VALUES' content. The three names that the specification defines take 47 bytes. Not configurable:
    /// nothing that is asked of us needs more.
    public static let managementBytes = 4_096
}
