import Synchronization

/// Holds a handler until the test lets it go, and notifies the test when the handler has come.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var hasArrived = false
        var held: [CheckedContinuation<Void, Never>] = []
        var watching: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// Waits for `open`, and ignores cancellation.
    func pass() async {
        let watching = state.withLock { state in
            state.hasArrived = true
            defer { state.watching = [] }
            return state.watching
        }
        for watcher in watching { watcher.resume() }
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.held.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let held = state.withLock { state in
            state.isOpen = true
            defer { state.held = [] }
            return state.held
        }
        for continuation in held { continuation.resume() }
    }

    /// Waits until a handler has come to `pass`.
    func arrival() async {
        await withCheckedContinuation { continuation in
            let hasArrived = state.withLock { state in
                if !state.hasArrived { state.watching.append(continuation) }
                return state.hasArrived
            }
            if hasArrived { continuation.resume() }
        }
    }
}

/// A number that several threads add to.
final class Counter: Sendable {
    private let box = Mutex(0)

    var value: Int { box.withLock { $0 } }

    func add(_ amount: Int) {
        box.withLock { $0 += amount }
    }
}
