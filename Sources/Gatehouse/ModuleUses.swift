package import GatehousePlan
import Synchronization

/// The databases of one module in this process.
package typealias ModuleDatabases = ModuleUses<DatabaseUse>

/// The jobs of one module in this process.
package typealias ModuleJobs = ModuleUses<JobUse>

/// Things of one kind that a module uses in this process: what `gatehouse status` shows of them, and what they do when
/// the worker begins to drain.
package final class ModuleUses<Use: Sendable>: Sendable {
    private struct Entry: Sendable {
        var number: Int
        var use: @Sendable () -> Use?
        var whenDraining: @Sendable () -> Void
    }

    private struct State {
        var entries: [Entry] = []
        var lastNumber = 0
        var isDraining = false
        var isServing = true
        var whenServing: [@Sendable () -> Void] = []
        var registered: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    package init() {}

    /// Adds a thing. Both closures are called on any thread, must not block, and should hold their thing weakly.
    /// - Parameters:
    ///   - whenDraining: called once, when the worker takes nothing new: the time to close connections that are idle,
    ///     because the next generation opens its own, and to take no new job. Called at once if the worker drains
    ///     already.
    ///   - use: looks at it. `nil` means that the thing is no more, and is asked no more.
    package func register(
        whenDraining: @escaping @Sendable () -> Void, use: @escaping @Sendable () -> Use?
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

    /// Looks at every one, in the order in which they were added.
    package func look() -> [Use] {
        // Outside the lock: a closure may take locks of its own.
        let entries = state.withLock { $0.entries }
        var uses: [Use] = []
        var ended: Set<Int> = []
        for entry in entries {
            if let use = entry.use() { uses.append(use) } else { ended.insert(entry.number) }
        }
        if !ended.isEmpty { state.withLock { $0.entries.removeAll { ended.contains($0.number) } } }
        return uses
    }

    /// Calls `action` as soon as the worker serves: now, unless the worker was told to wait.
    package func whenServing(_ action: @escaping @Sendable () -> Void) {
        let isServing = state.withLock { state in
            if !state.isServing { state.whenServing.append(action) }
            return state.isServing
        }
        if isServing { action() }
    }

    /// The worker does not serve yet: it is one of a generation that may still be rejected.
    package func waitForServing() { state.withLock { $0.isServing = false } }

    /// The worker serves from now on.
    package func beginServing() {
        let actions = state.withLock { state in
            defer { state.whenServing = [] }
            state.isServing = true
            return state.whenServing
        }
        for action in actions { action() }
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

/// The functions that run the jobs of a module, for a test of it: nothing runs by itself there.
package final class ModuleJobRunners: Sendable {
    private let runners = Mutex<[@Sendable () async throws -> Int]>([])

    package init() {}

    package func add(_ runner: @escaping @Sendable () async throws -> Int) {
        runners.withLock { $0.append(runner) }
    }

    /// Runs all jobs that are due, those included that they enqueue for each other.
    /// - Returns: the number of attempts.
    package func runAll() async throws -> Int {
        let runners = runners.withLock { $0 }
        var count = 0
        while true {
            var more = 0
            for runner in runners { more += try await runner() }
            count += more
            // One pass is enough for jobs of one queue, which have run until there was none.
            if more == 0 || runners.count == 1 { return count }
        }
    }
}
