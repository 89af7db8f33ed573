import Synchronization

/// A bell for one sleeper. Rung before it sleeps, it does not sleep.
final class Wake: Sendable {
    private enum State {
        case silent
        case rung
        case waiting(CheckedContinuation<Void, Never>)
    }

    private let state = Mutex(State.silent)

    func set() {
        let sleeper: CheckedContinuation<Void, Never>? = state.withLock { state in
            if case .waiting(let sleeper) = state {
                state = .silent
                return sleeper
            }
            state = .rung
            return nil
        }
        sleeper?.resume()
    }

    /// Sleeps until the bell rings, or for a time. It may return early.
    func wait(atMost time: Duration) async {
        guard time > .zero else { return }
        let timer = Task { [self] in
            try? await Task.sleep(for: time)
            if !Task.isCancelled { set() }
        }
        await withCheckedContinuation { continuation in
            let isRung = state.withLock { state in
                if case .rung = state {
                    state = .silent
                    return true
                }
                state = .waiting(continuation)
                return false
            }
            if isRung { continuation.resume() }
        }
        timer.cancel()
    }
}
