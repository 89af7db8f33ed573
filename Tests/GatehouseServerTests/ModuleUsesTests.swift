import GatehousePlan
import Synchronization
import Testing

@testable import Gatehouse

/// The registry of a module's databases, and of its jobs.
struct ModuleUsesTests {
    private func use(_ place: String, _ open: Int) -> DatabaseUse {
        DatabaseUse(module: "m", place: place, open: open, limit: 5)
    }

    @Test func `a look shows each database, and forgets one that is no more`() {
        let databases = ModuleDatabases()
        let first = Mutex<DatabaseUse?>(use("a", 1))
        let looks = Counter()
        databases.register(whenDraining: {}) {
            looks.add(1)
            return first.withLock { $0 }
        }
        databases.register(whenDraining: {}) { use("b", 2) }
        #expect(databases.look().map(\.place) == ["a", "b"])
        #expect(databases.look().map(\.open) == [1, 2])
        first.withLock { $0 = nil }
        #expect(databases.look().map(\.place) == ["b"])
        #expect(databases.look().map(\.place) == ["b"])
        #expect(looks.value == 3)
    }

    @Test func `draining tells each database once, and a late one at once`() {
        let databases = ModuleDatabases()
        let told = Counter()
        databases.register(whenDraining: { told.add(1) }) { use("a", 1) }
        databases.beginDraining()
        databases.beginDraining()
        #expect(told.value == 1)
        databases.register(whenDraining: { told.add(10) }) { use("b", 1) }
        #expect(told.value == 11)
    }

    @Test func `what waits for the worker to serve is done when it does, and a late one at once`() {
        let jobs = ModuleJobs(), told = Counter()
        jobs.whenServing { told.add(1) }
        #expect(told.value == 1)
        jobs.waitForServing()
        jobs.whenServing { told.add(10) }
        #expect(told.value == 1)
        jobs.beginServing()
        jobs.beginServing()
        #expect(told.value == 11)
        jobs.whenServing { told.add(100) }
        #expect(told.value == 111)
    }
}
