/// The peer broke the protocol: the connection is closed, the worker lives.
public struct PeerViolation: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was broken. Open, so that a new code breaks no switch of the callers.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public var rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
    }

    public var code: Code
    /// The figures: what came and what would have been right.
    public var detail: String

    public init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    public var description: String { "\(code.rawValue): \(detail)" }
}
