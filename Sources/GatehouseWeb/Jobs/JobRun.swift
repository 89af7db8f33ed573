import Synchronization

/// One attempt at a job, in this worker.
final class JobRun: Sendable {
    /// The reason why an attempt is cancelled.
    enum Cancellation: Sendable {
        case timeout, worker, lease
    }

    private struct State {
        var task: Task<Void, any Error>?
        var cancellation: Cancellation?
        var isCompleting = false
        var isCompleted = false
    }

    let claimed: JobStore.Claimed
    private let state = Mutex(State())

    init(_ claimed: JobStore.Claimed) { self.claimed = claimed }

    func start(_ task: Task<Void, any Error>) {
        let isCancelled = state.withLock { state in
            state.task = task
            return state.cancellation != nil
        }
        if isCancelled { task.cancel() }
    }

    /// The first reason counts.
    func cancel(_ reason: Cancellation) {
        let task = state.withLock { state in
            state.cancellation = state.cancellation ?? reason
            return state.task
        }
        task?.cancel()
    }

    /// The handler's transaction has the job's row locked: whoever renewed the lease would wait for its end.
    func markCompleting() { state.withLock { $0.isCompleting = true } }

    var isCompleting: Bool { state.withLock { $0.isCompleting } }

    /// The handler has taken the job off the database in a transaction of its own.
    func markCompleted() { state.withLock { $0.isCompleted = true } }

    var isCompleted: Bool { state.withLock { $0.isCompleted } }

    var cancellation: Cancellation? { state.withLock { $0.cancellation } }
}
