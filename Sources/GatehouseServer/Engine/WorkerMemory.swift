import CGatehouseSystem
import Synchronization

/// Gives the heap's free pages back to the operating system when all event loops of a worker have come to rest.
///
/// glibc keeps what a burst has freed, because it lies below something that is still in use; a worker that was busy
/// once would be large for ever. To give it back takes milliseconds after a burst, so it is done when nobody waits.
package final class WorkerMemory: Sendable {
    private struct State {
        var working: Set<Int> = []
        /// Resident bytes when memory was last given back.
        var resident = 0
    }

    private let state = Mutex(State())

    /// Growth by less is what ordinary requests leave behind and the next ones use again.
    private static let worthwhile = 1_048_576

    package init() {}

    func loopWorks(_ index: Int) {
        state.withLock { _ = $0.working.insert(index) }
    }

    func loopRests(_ index: Int) {
        state.withLock { state in
            state.working.remove(index)
            // Where the kernel does not say how much there is, it is given back each time.
            let resident = gatehouse_resident_bytes()
            guard state.working.isEmpty, resident == 0 || resident > state.resident + Self.worthwhile else { return }
            gatehouse_give_back_heap()
            state.resident = gatehouse_resident_bytes()
        }
    }
}
