import Synchronization

/// How many connections a worker has, on all its loops. Where it is one of several, its neighbours can read the number
/// for as long as it accepts; then its cell is empty, and may soon be another worker's.
package final class ConnectionCount: Sendable {
    private struct State {
        var count = 0
        var isAccepting = false
    }

    let board: BalanceBoard?
    // A lock, and not an atomic number: what is on the board must never be older than what was there before.
    private let state = Mutex(State())

    package init(board: BalanceBoard? = nil) {
        self.board = board
    }

    package var current: Int { state.withLock { $0.count } }

    func add(_ difference: Int) {
        state.withLock { state in
            state.count += difference
            if state.isAccepting { board?.write(connections: state.count, isAccepting: true) }
        }
    }

    func beginAccepting() {
        state.withLock { state in
            state.isAccepting = true
            board?.write(connections: state.count, isAccepting: true)
        }
    }

    func endAccepting() {
        state.withLock { state in
            guard state.isAccepting else { return }
            state.isAccepting = false
            board?.write(connections: 0, isAccepting: false)
        }
    }
}
