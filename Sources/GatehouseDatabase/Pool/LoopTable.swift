import Synchronization

/// The pools of a database, one for each loop, found without a lock: loops look at every statement, and a new loop
/// comes a few times in a process's life.
final class LoopTable: Sendable {
    /// More loops than any worker has. A loop beyond them uses the pool of the background loop.
    static let capacity = 256

    private struct Entry {
        var loop: ObjectIdentifier
        var pool: LoopPool
    }

    /// Initialised up to `count`; an entry never changes.
    private nonisolated(unsafe) let entries = UnsafeMutablePointer<Entry>.allocate(capacity: capacity)
    private let count = Atomic(0)
    private let adding = Mutex(())

    deinit {
        entries.deinitialize(count: count.load(ordering: .acquiring))
        entries.deallocate()
    }

    /// The pool of a loop, if it has one.
    func pool(of loop: ObjectIdentifier) -> LoopPool? {
        for index in 0..<count.load(ordering: .acquiring) where entries[index].loop == loop {
            return entries[index].pool
        }
        return nil
    }

    /// The pool of a loop, which `make` makes if there is none; `nil` if the table is full.
    func pool(of loop: ObjectIdentifier, make: () -> LoopPool) -> LoopPool? {
        if let pool = pool(of: loop) { return pool }
        return adding.withLock { _ in
            if let pool = pool(of: loop) { return pool }
            let index = count.load(ordering: .acquiring)
            guard index < Self.capacity else { return nil }
            let pool = make()
            (entries + index).initialize(to: Entry(loop: loop, pool: pool))
            count.store(index + 1, ordering: .releasing)
            return pool
        }
    }

    /// All pools.
    var pools: [LoopPool] {
        (0..<count.load(ordering: .acquiring)).map { entries[$0].pool }
    }
}
