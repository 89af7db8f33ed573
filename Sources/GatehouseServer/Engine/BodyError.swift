/// Why a request's body ended before its end.
public struct BodyError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Open, so that a new code breaks no switch of a module's.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public var rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The front server ended the body before CONTENT_LENGTH bytes had come.
        public static let shorterThanAnnounced = Code(rawValue: "body shorter than CONTENT_LENGTH")
        /// More bytes came than CONTENT_LENGTH announced.
        public static let longerThanAnnounced = Code(rawValue: "body longer than CONTENT_LENGTH")
        /// More bytes came than the worker's limit for a body allows.
        public static let tooLarge = Code(rawValue: "body larger than the limit")
        /// Nothing came for longer than the worker's limit allows.
        public static let timedOut = Code(rawValue: "body stopped arriving")
        /// The front server aborted the request, or its connection ended.
        public static let aborted = Code(rawValue: "request aborted")
    }

    public var code: Code

    public init(_ code: Code) { self.code = code }

    public var description: String { code.rawValue }
}
