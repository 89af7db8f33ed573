import CGatehouseSystem
import Synchronization

/// Gives the heap's free pages back to the operating system when all event loops of a worker have come to rest.
///
/// glibc keeps the memory that a burst has freed, because it lies below something that is still in use; a worker that
/// was busy once would be large for ever. Giving it back takes milliseconds after a burst, so it is done when nobody
/// waits.
package final class WorkerMemory: Sendable {
    private struct State {
        var working: Set<Int> = []
        /// The process's resident bytes when memory was last given back.
        var resident = 0
    }

    private let state = Mutex(State())

    /// The growth in bytes that is worth giving back: ordinary requests leave less behind, and the next ones use it
    /// again.
    private static let worthwhileGrowth = 1_048_576

    package init() {}

    func loopWorks(_ index: Int) {
        state.withLock { _ = $0.working.insert(index) }
    }

    func loopRests(_ index: Int) {
        state.withLock { state in
            state.working.remove(index)
            // Without /proc the growth is not known, and memory is given back each time.
            let resident = gatehouse_resident_bytes()
            guard state.working.isEmpty, resident == 0 || resident > state.resident + Self.worthwhileGrowth else {
                return
            }
            gatehouse_give_back_heap()
            state.resident = gatehouse_resident_bytes()
        }
    }
}

/// Detects the moment at which an event loop that has worked comes to rest: it does next to nothing for a second.
package struct RestWatch {
    package enum Change: Equatable {
        case works, cameToRest
    }

    /// Ticks of one observation: a second.
    private static let window = 10
    /// The most work in a second that counts as rest: a monitor's requests must not keep a worker busy for ever.
    private static let restLimit = 16

    /// Counts handlers that left, requests that were refused and connections that went: they may leave memory behind.
    package var work = 0
    private var counted = 0
    private var ticks = 0
    private var hasWorked = false

    package init() {}

    /// Whether the loop has worked and not come to rest since.
    package var isAwaited: Bool { hasWorked || work != counted }

    /// - Returns: a change, at the end of a second that shows one.
    package mutating func tick() -> Change? {
        ticks += 1
        guard ticks >= Self.window else { return nil }
        ticks = 0
        let done = work &- counted
        counted = work
        if done > 0 { hasWorked = true }
        guard hasWorked else { return nil }
        if done > Self.restLimit { return .works }
        hasWorked = false
        return .cameToRest
    }
}
