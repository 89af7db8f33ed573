import Synchronization

/// The databases of one module in this process: what `gatehouse status` shows of them, and what they do when the worker
/// begins to drain.
package final class ModuleDatabases: Sendable {
    /// A look at the connections of one database.
    package struct Use: Sendable, Equatable {
        package var open: Int
        package var idle: Int
        package var waiting: Int
        package var longestWait: Duration
        package var limit: Int

        package init(open: Int, idle: Int, waiting: Int, longestWait: Duration, limit: Int) {
            self.open = open
            self.idle = idle
            self.waiting = waiting
            self.longestWait = longestWait
            self.limit = limit
        }
    }

    private struct Entry: Sendable {
        var number: Int
        var place: String
        var use: @Sendable () -> Use?
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
    ///   - place: the server and the database, without a password: `PostgreSQL at /run/postgresql, database blog`.
    ///   - whenDraining: called once, when the worker takes nothing new: the time to close connections that are idle,
    ///     because the next generation opens its own. Called at once if the worker drains already.
    ///   - use: looks at the connections. `nil` means that the database is no more, and is asked no more.
    package func register(
        place: String, whenDraining: @escaping @Sendable () -> Void, use: @escaping @Sendable () -> Use?
    ) {
        let (isDraining, registered) = state.withLock { state in
            state.lastNumber += 1
            state.entries.append(
                Entry(number: state.lastNumber, place: place, use: use, whenDraining: whenDraining))
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
    package func look() -> [(place: String, use: Use)] {
        // Outside the lock: a closure may take locks of its own.
        let entries = state.withLock { $0.entries }
        var looks: [(place: String, use: Use)] = []
        var ended: Set<Int> = []
        for entry in entries {
            if let use = entry.use() { looks.append((entry.place, use)) } else { ended.insert(entry.number) }
        }
        if !ended.isEmpty { state.withLock { $0.entries.removeAll { ended.contains($0.number) } } }
        return looks
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
