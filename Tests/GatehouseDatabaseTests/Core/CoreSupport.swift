import Gatehouse
import GatehouseDatabase
import GatehouseServer
import Logging
import NIOPosix
import Testing

/// A module's context for a database of the tests.
func testContext(
    settings: String = "{}", logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
) -> ModuleContext {
    ModuleContext(
        name: "Test", mountPath: "", logger: logger, resourceFolder: "Resources", stateFolder: nil,
        eventLoopGroup: MultiThreadedEventLoopGroup.singleton, settings: settings, settingsOrigin: "the test")
}

/// Runs tasks on a loop, as the worker does with handlers.
final class LoopTaskExecutor: TaskExecutor {
    let loop: HandlerLoop

    init(_ loop: HandlerLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.run { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

/// Runs `body` on a loop that has just been started, and ends that.
func onLoop<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result {
    let loop = try HandlerLoop.started()
    defer { loop.stop() }
    return try await withTaskExecutorPreference(LoopTaskExecutor(loop)) { try await body() }
}

/// A task on the caller's loop, or on none: unstructured tasks do not inherit it.
func task<Result: Sendable>(_ body: @escaping @Sendable () async -> Result) -> Task<Result, Never> {
    guard let loop = HandlerLoop.current else { return Task(operation: body) }
    return Task(executorPreference: LoopTaskExecutor(loop), operation: body)
}

/// Waits until a database has a number of callers that wait, or of connections that nobody uses: callers that are on
/// no loop give their connections back by a message to it.
extension Database {
    func until(waiting count: Int) async {
        while status.waiting != count { await Task.yield() }
    }

    func until(idle count: Int) async {
        while status.idle != count || status.open != count { await Task.yield() }
    }
}

/// The error that `body` throws.
nonisolated(nonsending) func databaseError(
    _ body: nonisolated(nonsending) () async throws -> some Any, sourceLocation: SourceLocation = #_sourceLocation
) async -> DatabaseError? {
    do {
        _ = try await body()
        Issue.record("nothing was thrown", sourceLocation: sourceLocation)
        return nil
    } catch {
        if let error = error as? DatabaseError { return error }
        Issue.record("another error: \(error)", sourceLocation: sourceLocation)
        return nil
    }
}

/// The callers of a pool: on a loop, and on none.
enum Caller: CaseIterable {
    case onLoop, offLoop

    func run<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result {
        switch self {
        case .onLoop: try await GatehouseDatabaseTests.onLoop(body)
        case .offLoop: try await body()
        }
    }
}
