public import Hummingbird

extension Request {
    /// The parts of a multipart/form-data body (RFC 7578), one by one as they arrive.
    ///
    /// ```swift
    /// for try await part in request.multipart() {
    ///     if part.isFile {
    ///         for try await bytes in part { try await store(bytes) }
    ///     } else {
    ///         values[part.name] = try await part.text()
    ///     }
    /// }
    /// ```
    ///
    /// Nothing is kept: the next bytes are read from the client when somebody asks for them, and a part that nobody
    /// reads is skipped. See ``Hummingbird/Request/multipartForm(filesIn:limits:)`` for a whole form.
    /// - Parameter limits: the most that the body may have of each thing.
    public func multipart(_ limits: MultipartLimits = MultipartLimits()) -> MultipartParts {
        MultipartParts(request: self, limits: limits)
    }
}

/// The parts of a multipart/form-data body in their order: see `request.multipart(_:)`.
///
/// It can be gone through once, by one task.
public struct MultipartParts: AsyncSequence {
    let request: Request
    let limits: MultipartLimits

    /// Begins with the first part.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(request: request, limits: limits) }

    /// The way through the parts.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let request: Request
        private let limits: MultipartLimits
        private var reader: MultipartReader?

        init(request: Request, limits: MultipartLimits) {
            self.request = request
            self.limits = limits
        }

        /// The next part, when its head has come; what nobody read of the one before is skipped. `nil` after the last.
        /// - Throws: ``MultipartError``, or `BodyError` if the body itself breaks off.
        public mutating func next() async throws -> MultipartPart? { try await nextPart() }

        /// The next part, when its head has come; what nobody read of the one before is skipped. `nil` after the last.
        /// - Throws: ``MultipartError``, or `BodyError` if the body itself breaks off.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(any Error) -> MultipartPart? {
            try await nextPart()
        }

        private mutating func nextPart() async throws -> MultipartPart? {
            let reader = try reader ?? MultipartReader(request, limits: limits)
            self.reader = reader
            guard let head = try await reader.nextPart() else { return nil }
            return MultipartPart(head: head, number: reader.parts, reader: reader)
        }
    }
}
