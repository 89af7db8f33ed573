import GatehouseDatabase
import Synchronization

/// The one connection of a test is used by one caller at a time, first come first served.
final class Turn: Sendable {
    private struct State {
        var isTaken = false
        var lastNumber = 0
        var waiters: [(number: Int, continuation: CheckedContinuation<DatabaseError?, Never>)] = []
    }

    private let state = Mutex(State())
    private let wait: Duration

    /// - Parameter wait: the longest time for which a caller waits.
    init(wait: Duration) { self.wait = wait }

    /// Waits until nobody else has the connection. Each turn is given back once, by `end`.
    func begin() async throws(DatabaseError) {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        let error = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if enter(number, continuation) { continuation.resume(returning: nil) } else { limit(number) }
            }
        } onCancel: {
            leave(number, DatabaseError(.cancelled, "the caller was cancelled while it waited for the connection"))
        }
        if let error { throw error }
        guard Task.isCancelled else { return }
        end()
        throw DatabaseError(.cancelled, "the caller was cancelled")
    }

    func end() {
        let next = state.withLock { state in
            state.isTaken = !state.waiters.isEmpty
            return state.isTaken ? state.waiters.removeFirst() : nil
        }
        next?.continuation.resume(returning: nil)
    }

    /// - Returns: whether it is the caller's turn at once.
    private func enter(_ number: Int, _ continuation: CheckedContinuation<DatabaseError?, Never>) -> Bool {
        state.withLock { state in
            guard state.isTaken else {
                state.isTaken = true
                return true
            }
            state.waiters.append((number, continuation))
            return false
        }
    }

    private func limit(_ number: Int) {
        if Task.isCancelled {
            leave(number, DatabaseError(.cancelled, "the caller was cancelled while it waited for the connection"))
        }
        Task { [weak self, wait] in
            try? await Task.sleep(for: wait)
            self?.leave(
                number,
                DatabaseError(
                    .exhausted,
                    "a test has one connection, and a transaction or stream has had it for longer than \(wait)"))
        }
    }

    private func leave(_ number: Int, _ error: DatabaseError) {
        let waiter = state.withLock { state in
            state.waiters.firstIndex { $0.number == number }.map { state.waiters.remove(at: $0) }
        }
        waiter?.continuation.resume(returning: error)
    }
}
