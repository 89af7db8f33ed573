public import Gatehouse
import GatehousePlan
import GatehouseServer
import Logging
public import ServiceLifecycle

/// A database of a module: PostgreSQL, MySQL, MariaDB or SQLite, by the settings' `url`.
///
/// ```swift
/// @main
/// struct Notes: HandlerModule {
///     struct Settings: Decodable { var database: DatabaseSettings }
///     let database: Database
///
///     init(context: ModuleContext) async throws {
///         database = try Database(context.settings(Settings.self).database, context: context)
///     }
///
///     var services: [any Service] { [database] }
///
///     func routes(_ router: Router<GatewayRequestContext>) {
///         router.get("/:id") { [database] _, context in
///             let id = try context.parameters.require("id", as: Int.self)
///             return try await database.one("SELECT title FROM note WHERE id = \(id)", String.self)
///         }
///     }
/// }
/// ```
///
/// It opens connections when they are needed, for each event loop its own, so that a handler's statement never leaves
/// its thread. A cancelled task's statement is cancelled on the server.
public final class Database: Queryable, Service, Sendable {
    package let source: any ConnectionSource
    /// The source, if it is a pool: statements go to it without a detour.
    private let pool: Pool?
    package let settings: DatabaseSettings
    /// The server and the database, for messages. Never a password.
    package let place: String
    package let context: ModuleContext
    let observers = Observers()
    private let life: Life

    package var logger: Logger { context.logger }

    /// Makes the database. Connects nothing: the first statement does.
    /// - Parameters:
    ///   - settings: the module's `settings: database:`.
    ///   - context: the context that the module's `init` was given.
    /// - Throws: a `.usage` error if the settings are wrong, or if the database's client library is not installed.
    public convenience init(_ settings: DatabaseSettings, context: ModuleContext) throws(DatabaseError) {
        guard WrittenDatabaseSettings.connectionRange.contains(settings.connections) else {
            throw .usage("connections is from 1 to \(WrittenDatabaseSettings.connectionRange.upperBound)")
        }
        let override = context.databaseOverride as? any DatabaseOverride
        let settings = override?.settings(settings) ?? settings
        let (real, place) = try Self.makeSource(settings, context)
        let source = override?.source(real) ?? real
        self.init(source: source, settings: settings, place: place, context: context)
        // The registry is the context's own, which must not hold the context.
        let module = context.name
        context.databases.register(whenDraining: { [weak life] in life?.source.closeIdle() }) { [weak life] in
            (life?.source.status).map { DatabaseUse(module: module, place: place, $0) }
        }
    }

    package init(source: any ConnectionSource, settings: DatabaseSettings, place: String, context: ModuleContext) {
        self.source = source
        life = Life(source)
        pool = source as? Pool
        self.settings = settings
        self.place = place
        self.context = context
    }

    /// The source for those who must not keep it. Weak references to an object make each count of its references slow,
    /// so that there are none to the source itself.
    private final class Life: Sendable {
        let source: any ConnectionSource

        init(_ source: any ConnectionSource) { self.source = source }
    }

    /// The place where statements go to. For the library's own use.
    public var statementTarget: StatementTarget { StatementTarget(.database(self)) }

    /// A look at the connections of this worker.
    public var status: PoolStatus { source.status }

    /// Waits for the worker's end, and closes the connections then.
    public func run() async throws {
        try? await gracefulShutdown()
        await source.shutDown()
    }

    /// Runs one statement by itself. Inlined, as what it calls: each call of an async function costs as much as all the
    /// rest of the pool's work.
    @inline(__always)
    func run(_ sql: SQL, into sink: (any RowSink)?) async throws(DatabaseError) -> Changes {
        try refuseWhileHeld(sql)
        if observers.areThere { return try await runObserved(sql, into: sink) }
        if let pool { return try await pool.run(sql, into: sink, start: nil) }
        return try await source.run(sql, into: sink, start: nil)
    }

    private func runObserved(_ sql: SQL, into sink: (any RowSink)?) async throws(DatabaseError) -> Changes {
        let observation = Observation(of: sql, isInTransaction: false)
        return try await observers.observe(observation) { () async throws(DatabaseError) in
            try await source.run(sql, into: sink, start: observation.start)
        }
    }

    /// Refuses what would wait for a connection while the caller holds one, and would not see what he has written on
    /// it.
    func refuseWhileHeld(_ sql: SQL?) throws(DatabaseError) {
        if let refusal = HeldConnection.current?.refusal(for: self, sql) { throw refusal }
    }
}

extension DatabaseUse {
    fileprivate init(module: String, place: String, _ status: PoolStatus) {
        self.init(
            module: module, place: place, open: status.open, idle: status.idle, waiting: status.waiting,
            longestWait: Int(min(status.longestWait, .seconds(86_400)) / .milliseconds(1)), limit: status.limit)
    }
}
