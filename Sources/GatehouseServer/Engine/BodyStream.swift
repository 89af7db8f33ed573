import NIOConcurrencyHelpers
package import NIOCore

/// A body that is still arriving: the engine puts chunks in on its loop, the handler takes them out wherever it runs.
///
/// It does not limit itself: it says how much was taken, and the engine stops reading the connection in time.
package final class BodyStream: AsyncSequence, Sendable {
    package typealias Element = ByteBuffer

    private struct State {
        var chunks = CircularBuffer<ByteBuffer>()
        var end: Result<Void, BodyError>?
        var waiter: CheckedContinuation<ByteBuffer?, any Error>?
    }

    /// Pieces that wait are put together up to here: by itself one of a byte would cost a hundred times its size.
    private static let togetherLimit = 16_384

    private let state = NIOLockedValueBox(State())
    private let loop: PollLoop
    /// Called on the loop with the number of bytes that left the stream.
    private let taken: @Sendable (Int) -> Void

    package init(loop: PollLoop, taken: @escaping @Sendable (Int) -> Void) {
        self.loop = loop
        self.taken = taken
    }

    /// Hands a chunk to the handler or keeps it.
    /// - Returns: whether it is kept, and so counts against the budget.
    package func push(_ chunk: ByteBuffer) -> Bool {
        let waiter = state.withLockedValue { state -> CheckedContinuation<ByteBuffer?, any Error>? in
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
        // Not held here as well while it is written to, or it would be copied.
        guard let room = chunks.last.map({ togetherLimit - $0.readableBytes }), chunk.readableBytes <= room,
            var joined = chunks.popLast()
        else { return chunks.append(chunk) }
        joined.writeImmutableBuffer(chunk)
        chunks.append(joined)
    }

    /// Ends the stream; an error is thrown at once, and what was not taken yet is dropped.
    package func finish(_ error: BodyError? = nil) {
        let waiter = state.withLockedValue { state -> CheckedContinuation<ByteBuffer?, any Error>? in
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

    /// A chunk or the end, where one is there already; `nil` where it must be waited for.
    private func takeReady() throws -> Ready? {
        let ready = try state.withLockedValue { state -> Ready? in
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
            // Between the first look and this one a chunk may have come.
            let ready = try state.withLockedValue { state -> Ready? in
                if let chunk = state.chunks.popFirst() { return Ready(chunk: chunk) }
                if let end = state.end {
                    try end.get()
                    return Ready(chunk: nil)
                }
                // Under the lock, or a cancellation could come between the question and the waiting.
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
        let waiter = state.withLockedValue { state in
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(throwing: CancellationError())
    }

    private func report(_ count: Int) {
        if loop.isCurrent { taken(count) } else { loop.execute { [taken] in taken(count) } }
    }
}
