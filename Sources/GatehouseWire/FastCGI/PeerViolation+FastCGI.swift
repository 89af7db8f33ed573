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
