import Synchronization

/// The life of one server as its requests see it: the time that each may take, and the moment at which the server
/// drains.
package final class ServerLife: Sendable {
    /// The limit for a whole request, in nanoseconds; 0 for none.
    package let requestTime: Int64

    private struct State {
        var isDraining = false
        var lastNumber = 0
        var actions: [Int: @Sendable () -> Void] = [:]
    }

    private let state = Mutex(State())

    package init(requestTime: Int64 = 0) {
        self.requestTime = requestTime
    }

    package var isDraining: Bool { state.withLock { $0.isDraining } }

    /// The server takes nothing new from now on.
    package func beginDraining() {
        let actions = state.withLock { state in
            state.isDraining = true
            defer { state.actions = [:] }
            return state.actions
        }
        for action in actions.values { action() }
    }

    /// Calls `action` when the server begins to drain, on any thread; at once if it does already. The action must not
    /// block.
    /// - Returns: a number by which ``forget(_:)`` takes it back.
    package func whenDraining(_ action: @escaping @Sendable () -> Void) -> Int {
        let number: Int? = state.withLock { state in
            guard !state.isDraining else { return nil }
            state.lastNumber += 1
            state.actions[state.lastNumber] = action
            return state.lastNumber
        }
        if number == nil { action() }
        return number ?? 0
    }

    package func forget(_ number: Int) {
        state.withLock { _ = $0.actions.removeValue(forKey: number) }
    }
}
