extension PeerViolation.Code {
    /// The length before an SCGI head is not a decimal number without leading zeros and with a colon.
    public static let badNetstring = Self(rawValue: "bad-netstring")
    /// An SCGI head whose names and values are not what the protocol says.
    public static let badHead = Self(rawValue: "bad-head")
    /// Bytes after the body that CONTENT_LENGTH announced.
    public static let bytesAfterBody = Self(rawValue: "bytes-after-body")
}
