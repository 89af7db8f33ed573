/// A breach of the protocol by the peer: the connection is closed, the worker lives.
public struct PeerViolation: Error, Sendable, Equatable, CustomStringConvertible {
    /// The rule that was broken. Open, so that a new code breaks no switch of the callers.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The code as logs print it.
        public var rawValue: String

        /// The code with this name.
        public init(rawValue: String) { self.rawValue = rawValue }
    }

    /// The rule that was broken.
    public var code: Code
    /// The figures: what came and what would have been right.
    public var detail: String

    /// A breach of this rule.
    public init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    /// Code and figures, as logs print them.
    public var description: String { "\(code.rawValue): \(detail)" }
}

// MARK: FastCGI

extension PeerViolation.Code {
    /// A record's version is not FCGI_VERSION_1.
    public static let unsupportedVersion = Self(rawValue: "unsupported-version")
    /// An application record with id 0, which is kept for management records.
    public static let nullRequestID = Self(rawValue: "null-request-id")
    /// A record of a type that only applications send.
    public static let wrongDirection = Self(rawValue: "wrong-direction")
    /// FCGI_BEGIN_REQUEST whose content is not eight bytes.
    public static let badBeginRequest = Self(rawValue: "bad-begin-request")
    /// FCGI_BEGIN_REQUEST with the id of a request that has not ended.
    public static let requestIDInUse = Self(rawValue: "request-id-in-use")
    /// A record of a stream that has ended, or that may not begin yet.
    public static let streamOutOfOrder = Self(rawValue: "stream-out-of-order")
    /// FCGI_GET_VALUES that is too long, or whose pairs run past its end.
    public static let badGetValues = Self(rawValue: "bad-get-values")
}

// MARK: SCGI and uwsgi

extension PeerViolation.Code {
    /// The netstring around an SCGI head is malformed: its length has a leading zero or a byte that is no digit, or the
    /// comma after it is missing.
    public static let badNetstring = Self(rawValue: "bad-netstring")
    /// An SCGI head whose names and values break the protocol's rules.
    public static let badHead = Self(rawValue: "bad-head")
    /// A uwsgi packet that is no request, by its first byte.
    public static let badModifier = Self(rawValue: "bad-modifier")
    /// Bytes after the body that CONTENT_LENGTH announced.
    public static let bytesAfterBody = Self(rawValue: "bytes-after-body")
}
