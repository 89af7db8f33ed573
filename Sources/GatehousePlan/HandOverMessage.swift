/// What comes with a descriptor on a worker's handOver socket (SOCK_SEQPACKET, SCM_RIGHTS): one descriptor a message,
/// and two bytes that say what it is.
public enum HandOverMessage: Equatable, Sendable {
    /// A connection between two requests, from the listener with this index in the plan. From a worker that drains to
    /// the supervisor, and on to a worker that serves.
    case connection(listener: Int)
    /// The access log, opened anew. From the supervisor.
    case accessLog

    /// Listeners that can be named: a pool with more endpoints than this is no pool.
    public static let listeners = 0..<256

    public var bytes: [UInt8] {
        switch self {
        case .connection(let listener): [1, UInt8(truncatingIfNeeded: listener)]
        case .accessLog: [2, 0]
        }
    }

    /// `nil` where the bytes are none of these.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 2, let kind = bytes.first else { return nil }
        switch kind {
        case 1: self = .connection(listener: Int(bytes.dropFirst().first ?? 0))
        case 2: self = .accessLog
        default: return nil
        }
    }
}
