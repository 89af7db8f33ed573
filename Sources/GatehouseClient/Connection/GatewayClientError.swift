/// Why there is no answer.
public struct GatewayClientError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Open, so that a new code breaks no switch of the callers.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public var rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The endpoint or the request makes no sense.
        public static let usage = Code(rawValue: "usage")
        /// Nobody listens there.
        public static let unreachable = Code(rawValue: "unreachable")
        /// The operating system does not let this user connect.
        public static let permission = Code(rawValue: "permission")
        /// The connection ended before the response did.
        public static let closed = Code(rawValue: "closed")
        /// The time was over before the response was whole.
        public static let timeout = Code(rawValue: "timeout")
        /// The answer breaks the protocol.
        public static let violation = Code(rawValue: "violation")
        /// Any other failure of a system call.
        public static let system = Code(rawValue: "system")
    }

    public var code: Code
    public var description: String

    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
