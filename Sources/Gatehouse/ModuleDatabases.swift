package import GatehousePlan
import Synchronization

/// The databases of one module in this process: what `gatehouse status` shows of them, and what they do when the worker
/// begins to drain.
package final class ModuleDatabases: Sendable {
    private struct Entry: Sendable {
        var number: Int
        var use: @Sendable () -> DatabaseUse?
        var whenDraining: @Sendable () -> Void
    }

    private struct State {
        var entries: [Entry] = []
        var lastNumber = 0
        var isDraining = false
        var registered: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    package init() {}

    /// Adds a database. Both closures are called on any thread, must not block, and should hold their database weakly.
    /// - Parameters:
    ///   - whenDraining: called once, when the worker takes nothing new: the time to close connections that are idle,
    ///     because the next generation opens its own. Called at once if the worker drains already.
    ///   - use: looks at the connections. `nil` means that the database is no more, and is asked no more.
    package func register(
        whenDraining: @escaping @Sendable () -> Void, use: @escaping @Sendable () -> DatabaseUse?
    ) {
        let (isDraining, registered) = state.withLock { state in
            state.lastNumber += 1
            state.entries.append(Entry(number: state.lastNumber, use: use, whenDraining: whenDraining))
            return (state.isDraining, state.registered)
        }
        registered?()
        if isDraining { whenDraining() }
    }

    /// Calls `action` at each registration, and now if there has been one.
    package func whenRegistered(_ action: @escaping @Sendable () -> Void) {
        let isRegistered = state.withLock { state in
            state.registered = action
            return state.lastNumber > 0
        }
        if isRegistered { action() }
    }

    /// Looks at every database, in the order in which they were added.
    package func look() -> [DatabaseUse] {
        // Outside the lock: a closure may take locks of its own.
        let entries = state.withLock { $0.entries }
        var uses: [DatabaseUse] = []
        var ended: Set<Int> = []
        for entry in entries {
            if let use = entry.use() { uses.append(use) } else { ended.insert(entry.number) }
        }
        if !ended.isEmpty { state.withLock { $0.entries.removeAll { ended.contains($0.number) } } }
        return uses
    }

    /// The worker takes nothing new from now on.
    package func beginDraining() {
        let entries = state.withLock { state in
            defer { state.isDraining = true }
            return state.isDraining ? [] : state.entries
        }
        for entry in entries { entry.whenDraining() }
    }
}
