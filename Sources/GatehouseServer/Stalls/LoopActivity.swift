import CGatehouseSystem
import GatehouseSystem
import Glibc
import Synchronization

/// Whether any loop of a worker has something to do, or a time to wait for. Whoever watches the loops sleeps meanwhile.
/// From any thread.
final class LoopActivity: Sendable {
    private let working = Mutex(0)
    private let bell: Int32

    /// - Throws: if the operating system has no descriptor left.
    init() throws(SystemError) {
        bell = gatehouse_wakeup_create()
        guard bell >= 0 else { throw SystemError("eventfd") }
    }

    deinit { close(bell) }

    var isAtWork: Bool { working.withLock { $0 > 0 } }

    /// A loop has woken from a wait without an end.
    func begin() {
        let isFirst = working.withLock { count in
            count += 1
            return count == 1
        }
        if isFirst { gatehouse_wakeup_signal(bell) }
    }

    /// A loop begins a wait without an end.
    func end() { working.withLock { $0 -= 1 } }

    /// Returns as soon as a loop works.
    func wait() {
        while !isAtWork {
            var ring = pollfd(fd: bell, events: Int16(POLLIN), revents: 0)
            _ = poll(&ring, 1, -1)
            gatehouse_wakeup_clear(bell)
        }
    }
}
