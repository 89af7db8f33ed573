package import NIOCore
import Synchronization

/// A body that is still arriving: the engine puts chunks in on its loop, the handler takes them out wherever it runs.
///
/// It has no limit of its own: it reports how much was taken, and the engine stops reading the connection in time.
package final class BodyStream: AsyncSequence, Sendable {
    package typealias Element = ByteBuffer

    private struct State {
        var chunks = CircularBuffer<ByteBuffer>()
        var end: Result<Void, BodyError>?
        var waiter: CheckedContinuation<ByteBuffer?, any Error>?
    }

    /// Waiting chunks are joined up to this size: one of a single byte would cost a hundred times that.
    private static let joinedLimit = 16_384

    private let state = Mutex(State())
    private let loop: PollLoop
    /// Called on the loop with the number of bytes that left the stream.
    private let taken: @Sendable (Int) -> Void

    package init(loop: PollLoop, taken: @escaping @Sendable (Int) -> Void) {
        self.loop = loop
        self.taken = taken
    }

    /// Hands a chunk to the handler or keeps it.
    /// - Returns: whether it is kept, and so counts against the budgets.
    package func push(_ chunk: ByteBuffer) -> Bool {
        let waiter = state.withLock { state -> CheckedContinuation<ByteBuffer?, any Error>? in
            guard let waiter = state.waiter else {
                if state.end == nil { Self.keep(chunk, in: &state.chunks) }
                return nil
            }
            state.waiter = nil
            return waiter
        }
        waiter?.resume(returning: chunk)
        return waiter == nil
    }

    private static func keep(_ chunk: ByteBuffer, in chunks: inout CircularBuffer<ByteBuffer>) {
        // Moved out first, because writing to a buffer with two owners copies it.
        guard let room = chunks.last.map({ joinedLimit - $0.readableBytes }), chunk.readableBytes <= room,
            var joined = chunks.popLast()
        else { return chunks.append(chunk) }
        joined.writeImmutableBuffer(chunk)
        chunks.append(joined)
    }

    /// Ends the stream. An error is thrown at once, and chunks that wait are dropped.
    package func finish(_ error: BodyError? = nil) {
        let waiter = state.withLock { state -> CheckedContinuation<ByteBuffer?, any Error>? in
            guard state.end == nil else { return nil }
            state.end = error.map { .failure($0) } ?? .success(())
            if error != nil { state.chunks.removeAll() }
            defer { state.waiter = nil }
            return state.waiter
        }
        if let error { waiter?.resume(throwing: error) } else { waiter?.resume(returning: nil) }
    }

    package func makeAsyncIterator() -> Iterator { Iterator(stream: self) }

    package struct Iterator: AsyncIteratorProtocol {
        let stream: BodyStream

        package mutating func next() async throws -> ByteBuffer? {
            try await stream.next()
        }
    }

    private func next() async throws -> ByteBuffer? {
        if let ready = try takeReady() { return ready.chunk }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                wait(continuation)
            }
        } onCancel: {
            cancelWaiter()
        }
    }

    private struct Ready {
        var chunk: ByteBuffer?
    }

    /// A chunk or the end; `nil` if neither is there yet.
    private func takeReady() throws -> Ready? {
        let ready = try state.withLock { state -> Ready? in
            if let chunk = state.chunks.popFirst() { return Ready(chunk: chunk) }
            guard let end = state.end else { return nil }
            try end.get()
            return Ready(chunk: nil)
        }
        if let count = ready?.chunk?.readableBytes { report(count) }
        return ready
    }

    private func wait(_ continuation: CheckedContinuation<ByteBuffer?, any Error>) {
        do {
            // A chunk may have come since the first look.
            let ready = try state.withLock { state -> Ready? in
                if let chunk = state.chunks.popFirst() { return Ready(chunk: chunk) }
                if let end = state.end {
                    try end.get()
                    return Ready(chunk: nil)
                }
                // Checked under the lock: otherwise a cancellation could slip in between the check and the wait.
                if Task.isCancelled || state.waiter != nil { throw CancellationError() }
                state.waiter = continuation
                return nil
            }
            guard let ready else { return }
            if let count = ready.chunk?.readableBytes { report(count) }
            continuation.resume(returning: ready.chunk)
        } catch {
            continuation.resume(throwing: error)
        }
    }

    private func cancelWaiter() {
        let waiter = state.withLock { state in
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(throwing: CancellationError())
    }

    private func report(_ count: Int) {
        if loop.isCurrent { taken(count) } else { loop.execute { [taken] in taken(count) } }
    }
}

/// A request's body that ended before its end.
public struct BodyError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A cause. An open set, so that a new one breaks no `switch` in a module.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The cause in words, for logs.
        public var rawValue: String
        /// - Parameter rawValue: the cause in words.
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

    /// The cause.
    public var code: Code

    /// - Parameter code: the cause.
    public init(_ code: Code) { self.code = code }

    /// The cause in words.
    public var description: String { code.rawValue }
}
