import Glibc
public import Hummingbird
import Synchronization

/// A bound on how much of some costly work goes on at a time in this process, and on how much waits for it.
///
/// ```swift
/// let conversions = WorkLimit(running: 2, waiting: 16)
/// let page = try await conversions.run { try await convert(document) }
/// ```
///
/// Who would have to wait behind `waiting` others gets a 503 at once, so that a flood of requests costs neither memory
/// nor the time of those who came before it.
public final class WorkLimit: Sendable {
    /// The pieces of work that go on at a time.
    public let running: Int
    /// The pieces of work that may wait.
    public let waiting: Int
    private let retryAfter: Int
    private let state = Mutex(State())

    private struct State {
        var running = 0
        var waiters: [(id: UInt64, continuation: CheckedContinuation<Void, any Error>)] = []
        var nextID: UInt64 = 0
    }

    /// The bound that all programs of this process share, unless a ``Program`` has one of its own: one for each
    /// processor, at least two.
    public static let programs = WorkLimit(running: max(2, sysconf(Int32(_SC_NPROCESSORS_ONLN))), waiting: 64)

    /// - Parameters:
    ///   - running: the pieces of work that go on at a time, at least 1.
    ///   - waiting: the pieces of work that may wait, at least 0.
    ///   - retryAfter: the seconds after which a client that was refused may come again.
    public init(running: Int, waiting: Int, retryAfter: Int = 2) {
        self.running = max(1, running)
        self.waiting = max(0, waiting)
        self.retryAfter = max(1, retryAfter)
    }

    /// Does the work when it is its turn.
    /// - Throws: the error of `work`; ``BusyError`` if too much waits already; `CancellationError` for a task that was
    ///   cancelled while it waited.
    public func run<Result>(_ work: () async throws -> Result) async throws -> Result {
        try await enter()
        defer { leave() }
        return try await work()
    }

    private func enter() async throws {
        let id: UInt64? = state.withLock { state in
            guard state.running >= running else {
                state.running += 1
                return nil
            }
            state.nextID += 1
            return state.nextID
        }
        guard let id else { return }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { wait(id, $0) }
        } onCancel: {
            let waiter = state.withLock { state in
                state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0) }
            }
            waiter?.continuation.resume(throwing: CancellationError())
        }
    }

    private func wait(_ id: UInt64, _ continuation: CheckedContinuation<Void, any Error>) {
        let outcome: Swift.Result<Void, any Error>? = state.withLock { state in
            // Under the lock: a cancellation that comes later finds the waiter.
            if Task.isCancelled { return .failure(CancellationError()) }
            if state.running < running {
                state.running += 1
                return .success(())
            }
            guard state.waiters.count < waiting else { return .failure(BusyError(retryAfter: retryAfter)) }
            state.waiters.append((id, continuation))
            return nil
        }
        if let outcome { continuation.resume(with: outcome) }
    }

    /// Gives the place to the one who waited longest.
    private func leave() {
        let next = state.withLock { state in
            if state.waiters.isEmpty {
                state.running -= 1
                return nil as CheckedContinuation<Void, any Error>?
            }
            return state.waiters.removeFirst().continuation
        }
        next?.resume()
    }
}

/// A refusal of ``WorkLimit``: too much of the work goes on and waits. Unless a handler takes it, it is a 503 with
/// `Retry-After`.
public struct BusyError: HTTPResponseError, Equatable {
    /// The seconds after which the client may come again.
    public var retryAfter: Int

    /// - Parameter retryAfter: the seconds after which the client may come again.
    public init(retryAfter: Int) { self.retryAfter = retryAfter }

    /// 503.
    public var status: HTTPResponse.Status { .serviceUnavailable }

    /// The response, without a body.
    public func response(from request: Request, context: some RequestContext) throws -> Response {
        Response(status: status, headers: [.retryAfter: "\(retryAfter)"])
    }
}
