public import Gatehouse
public import GatehouseDatabase
import GatehousePlan
import Logging
public import ServiceLifecycle
import Synchronization

/// Work that is done later: kept in the database, done at least once, by one worker at a time, tried again if it fails,
/// and finished by another worker if one dies.
///
/// ```swift
/// init(context: ModuleContext) async throws {
///     database = try Database(context.settings(Settings.self).database, context: context)
///     try await database.migrate(.jobs)
///     jobs = Jobs(database: database, context: context)
///     jobs.handle(SendWelcome.self) { job, context in … }
/// }
///
/// var services: [any Service] { [database, jobs] }
/// ```
///
/// The tables are those of the migrations `.jobs`. Workers of all generations and hosts that use the same database
/// share the work. A worker begins with it when it serves, so that a generation which is rejected has done none. When a
/// worker drains it takes no new job and finishes those that it runs; what does not end in the time of `limits: drain`
/// is cancelled and runs again elsewhere.
///
/// Every moment is by the database's clock, so that hosts whose clocks differ agree.
///
/// In a test nothing runs by itself: see ``runAll()``.
public final class Jobs: Service, Sendable {
    let store: JobStore
    let settings: JobSettings
    let logger: Logger
    let mode: ModuleMode
    let drainTime: Duration
    let work = JobWork()

    /// Makes the jobs of a module.
    /// - Parameters:
    ///   - database: the place of their tables. It comes before these jobs in the module's `services`.
    ///   - context: the context that the module's `init` was given.
    ///   - queue: the name of jobs that have workers of their own. A second `Jobs` with another queue keeps slow work
    ///     from holding up what is urgent.
    ///   - settings: the ways in which a worker does them.
    public init(
        database: Database, context: ModuleContext, queue: String = "default", settings: JobSettings = JobSettings()
    ) {
        self.settings = settings.bounded
        store = JobStore(database: database, module: context.name, queue: String(queue.utf8.prefix(100)) ?? "default")
        logger = context.logger
        mode = context.mode
        drainTime = context.drainTime
        context.jobs.whenServing { [weak work] in work?.beginServing() }
        // The registry is the context's own, which handlers hold.
        context.jobs.register(whenDraining: { [weak work] in work?.beginDraining() }) { [weak work] in work?.use }
        context.jobRunners.add { [weak self] () async throws in try await self?.runAll() ?? 0 }
        work.setUse(JobUse(module: context.name, queue: store.queue))
    }

    /// Names the function that does a kind of job. Called in the module's `init`, for every kind that this version of
    /// the module knows: jobs of other kinds are left for workers that know them.
    ///
    /// - Parameters:
    ///   - kind: the kind.
    ///   - attempts: the times that a job is tried before it is dead. A worker that dies while it runs it counts.
    ///   - timeout: the time after which an attempt is cancelled.
    ///   - backoff: the times between attempts.
    ///   - body: does the work. It may run more than once for the same job, so it makes sure that this does no harm:
    ///     see ``JobContext/id`` and ``JobContext/complete(in:)``. It runs on no event loop; what blocks a thread goes
    ///     to `BlockingThreads.run`.
    public func handle<Kind: Job>(
        _ kind: Kind.Type, attempts: Int = 15, timeout: Duration = .seconds(900),
        backoff: JobBackoff = .exponential(),
        _ body: @escaping @Sendable (_ job: Kind, _ context: JobContext) async throws -> Void
    ) {
        let handler = JobHandler(attempts: max(1, attempts), timeout: timeout, backoff: backoff) { payload, context in
            let job = try JobPayload.decode(Kind.self, payload)
            try await body(job, context)
        }
        register(handler, for: Kind.name)
    }

    func register(_ handler: JobHandler, for name: String) {
        guard !name.isEmpty, name.utf8.count <= 100 else {
            return logger.error("the jobs \"\(name)\" cannot be done: a kind's name has from 1 to 100 bytes")
        }
        guard work.add(handler, for: name) else {
            return logger.error("the jobs \(name) have two handlers: the last one counts")
        }
    }

    /// Does jobs until the worker ends.
    public func run() async throws {
        guard mode != .test, settings.concurrency > 0 else {
            try? await gracefulShutdown()
            return
        }
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await JobRunner(self).run()
            } onGracefulShutdown: { [work, drainTime] in
                work.stop(drainTime: drainTime)
            }
        } onCancel: { [work] in
            work.stop(drainTime: .zero)
        }
    }
}

/// A function for one kind of job, and its rules.
struct JobHandler: Sendable {
    var attempts: Int
    var timeout: Duration
    var backoff: JobBackoff
    var body: @Sendable (String, JobContext) async throws -> Void
}
