import NIOCore
import Synchronization

/// The text between the code that makes events and the writer that sends them. Bounded: a sender waits while the
/// client is slower than it.
final class EventQueue: Sendable {
    /// Bytes above which senders wait.
    private static let capacity = 65_536

    /// The reason for the stream's end.
    enum End {
        /// The code that makes the events has returned or thrown.
        case maker
        /// The worker drains, or the stream is as old as it may become.
        case limit
    }

    private struct State {
        var text = ""
        var waiting: [CheckedContinuation<Void, Never>] = []
        var isQuiet = true
        var end: End?
    }

    private let state = Mutex(State())
    /// An element whenever there is text to be sent; it ends with the stream.
    let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    init() {
        (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Adds text, and waits for as long as too much of it waits to be sent.
    /// - Throws: `CancellationError` if the stream has ended.
    func send(_ text: String) async throws {
        let mustWait = try state.withLock { state in
            guard state.end == nil else { throw CancellationError() }
            state.text += text
            state.isQuiet = false
            return state.text.utf8.count > Self.capacity
        }
        signal.yield()
        if mustWait { await whenTaken() }
    }

    private func whenTaken() async {
        await withCheckedContinuation { continuation in
            let isTaken = state.withLock { state in
                guard state.end == nil, state.text.utf8.count > Self.capacity else { return true }
                state.waiting.append(continuation)
                return false
            }
            if isTaken { continuation.resume() }
        }
    }

    /// Adds a comment if nothing was sent since the last time.
    func beat() {
        state.withLock { state in
            if state.isQuiet, state.end == nil { state.text += ":\n\n" }
            state.isQuiet = true
        }
        signal.yield()
    }

    /// Ends the stream; what was sent before still leaves. The first reason counts.
    func end(_ end: End) {
        let waiting = state.withLock { state in
            if state.end == nil { state.end = end }
            defer { state.waiting = [] }
            return state.waiting
        }
        signal.finish()
        for sender in waiting { sender.resume() }
    }

    var ended: End? { state.withLock { $0.end } }

    /// Takes everything that is to be sent; `nil` if there is nothing.
    func take() -> ByteBuffer? {
        let (text, waiting) = state.withLock { state in
            defer {
                state.text = ""
                state.waiting = []
            }
            return (state.text, state.waiting)
        }
        for sender in waiting { sender.resume() }
        return text.isEmpty ? nil : ByteBuffer(string: text)
    }
}
