import Gatehouse
import GatehousePlan
import Synchronization

/// The databases of a worker's modules: reports their connections, once a second if they have changed, and tells them
/// when the worker drains. A worker that has none never wakes for it.
final class DatabaseReporter: Sendable {
    private let modules: [ModuleDatabases]
    private let send: @Sendable (WorkerReport) -> Void
    private let isReporting = Atomic<Bool>(false)

    private static let interval = Duration.seconds(1)

    init(_ modules: [ModuleDatabases], send: @escaping @Sendable (WorkerReport) -> Void) {
        self.modules = modules
        self.send = send
    }

    /// Reports for as long as the worker lives, from the moment at which the first module has a database.
    func start() {
        for module in modules {
            module.whenRegistered { [self] in
                guard !isReporting.exchange(true, ordering: .relaxed) else { return }
                Task.detached { await self.report() }
            }
        }
    }

    /// The worker takes nothing new from now on.
    func beginDraining() {
        for module in modules { module.beginDraining() }
    }

    private func report() async {
        var last: [DatabaseUse] = []
        while true {
            let uses = look()
            if uses != last { send(.databases(uses)) }
            last = uses
            try? await Task.sleep(for: Self.interval)
        }
    }

    /// The connections of all databases, short enough for a report however long their names are.
    func look() -> [DatabaseUse] {
        modules.flatMap { $0.look() }.prefix(DatabaseUse.most).map(\.bounded)
    }
}
