/// The fault of a multipart/form-data body, as an HTTP status and a sentence. It has no bytes of the client.
public struct MultipartError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A kind of fault; open, so that a new one breaks no `switch`.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The code's name.
        public var rawValue: String

        /// Makes a code from its name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The request's Content-Type is not multipart/form-data: 415.
        public static let notMultipart = Code(rawValue: "not multipart")
        /// The body breaks the format: 400.
        public static let malformed = Code(rawValue: "malformed")
        /// The body ends before its last boundary: 400.
        public static let truncated = Code(rawValue: "truncated")
        /// The body has more than one of the ``MultipartLimits`` allows: 413, or 400.
        public static let limit = Code(rawValue: "limit")
        /// A part was asked for its bytes after the next part had been asked for, a mistake in the handler: 500.
        public static let partIsGone = Code(rawValue: "part is gone")
    }

    /// The kind of fault.
    public var code: Code

    /// The HTTP status that says it to the client: 400, 413, 415 or 500.
    public var statusCode: Int

    /// The fault, and its remedy if it is a limit.
    public var description: String

    /// The name of the limit, a property of ``MultipartLimits``; `nil` for other faults.
    public var limit: String?

    init(_ code: Code, _ statusCode: Int, _ description: String, limit: String? = nil) {
        self.code = code
        self.statusCode = statusCode
        self.description = description
        self.limit = limit
    }

    static func malformed(_ description: String) -> MultipartError {
        MultipartError(.malformed, 400, "the form's body is malformed: \(description)")
    }

    static func truncated(_ description: String) -> MultipartError {
        MultipartError(.truncated, 400, "the form's body is cut off: \(description)")
    }

    /// - Parameters:
    ///   - what: the thing of which there is too much, such as "a file's bytes".
    ///   - name: the property of ``MultipartLimits``.
    static func limit(
        _ what: String, _ name: String, _ path: KeyPath<MultipartLimits, Int>, of limits: MultipartLimits,
        status: Int = 413
    ) -> MultipartError {
        MultipartError(
            .limit, status,
            "the form has too much: \(what) are limited to \(limits[keyPath: path]). "
                + "The application can change that: MultipartLimits.\(name)",
            limit: name)
    }
}
