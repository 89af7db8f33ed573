import CGatehouseDatabase
import Glibc

/// A lock under which threads can sleep until they are woken.
final class SQLiteLock: @unchecked Sendable {
    fileprivate let mutex: UnsafeMutablePointer<pthread_mutex_t>

    init() {
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    @inline(__always)
    func withLock<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }
}

/// Wakes one thread. A ring that comes before the sleep is not lost.
final class SQLiteBell: @unchecked Sendable {
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var isRung = false

    init() {
        condition = .allocate(capacity: 1)
        condition.initialize(to: pthread_cond_t())
        gatehouse_condition_init(condition)
    }

    deinit {
        pthread_cond_destroy(condition)
        condition.deallocate()
    }

    /// Wakes the thread, or keeps it from its next sleep. Under the lock.
    func ring() {
        isRung = true
        pthread_cond_signal(condition)
    }

    /// Sleeps until the bell rings or the time comes; the lock is free meanwhile. Under the lock.
    /// - Parameter deadline: nanoseconds of the monotonic clock; `Int64.max` for none.
    /// - Returns: whether the bell rang.
    func sleep(until deadline: Int64, _ lock: SQLiteLock) -> Bool {
        while !isRung, gatehouse_condition_wait(condition, lock.mutex, deadline) == 0 {}
        defer { isRung = false }
        return isRung
    }
}
