package import GatehousePlan
public import Logging
public import NIOCore

/// The surroundings of a module, given to its `init`: name, mount path, logger, settings, folders, event loops.
public struct ModuleContext: Sendable {
    /// The module's name, which `gatehouse build` makes from the folder's: `GuestBook` from `guest-book`. In `swift
    /// run` and in tests it is the name of the module's type.
    public let name: String

    /// The place where the module is mounted: `/blog`, or empty at the root.
    public let mountPath: String

    /// A logger under the module's name.
    ///
    /// Loggers that libraries make for themselves (`Logger(label:)`) write to the same log, from the same level on: the
    /// worker has bootstrapped swift-log's `LoggingSystem`, and so has `swift run`. A module must not, because a second
    /// bootstrap ends the process.
    public let logger: Logger

    /// The absolute path of the folder for files that belong to the module: `libBlog.resources` beside `libBlog.so`.
    ///
    /// `gatehouse build` fills it from the package's `Resources` folder; it does not exist if the package has none. In
    /// `swift run` it is `Resources`, relative to the current directory.
    public let resourceFolder: String

    /// SwiftNIO's own event loops, which the whole process shares (`MultiThreadedEventLoopGroup.singleton`), for
    /// clients that are written with SwiftNIO.
    ///
    /// These are other threads than the event loops that handlers run on: each call of such a client goes to one of
    /// these threads and back, which costs more processor time than most requests. A client of a C library can wait on
    /// the handler's own loop instead: see `HandlerLoop`. `GatehouseDatabase` does.
    public let eventLoopGroup: any EventLoopGroup

    /// The use that the module is started for: development, test or production.
    public let mode: ModuleMode

    /// GatehouseDatabase's `DatabaseOverride` in a test that gives the module another database; else `nil`. This room
    /// does not know that type.
    package var databaseOverride: (any Sendable)?

    /// The module's databases in this process.
    package let databases = ModuleDatabases()

    /// The module's jobs in this process, and the functions that run them in a test.
    package let jobs = ModuleJobs()
    package let jobRunners = ModuleJobRunners()

    /// The time that a worker which drains has.
    package var drainTime = Duration.seconds(30)

    private let state: StateFolder
    /// `nil` unless the module was loaded to migrate its databases.
    package let migrationTask: MigrationTask?

    private let settingsText: String
    private let settingsOrigin: String
    private let settingsRecord = SettingsRecord()

    /// The absolute path of the folder for the files that the module keeps: the default place of an SQLite database,
    /// uploads, caches. It exists, and is the worker's user's alone.
    ///
    /// It is `modules/NAME` in the folder that the configuration calls `state`, so all workers and all generations of a
    /// module have the same. In `swift run` it is `.state` in the current directory, made at the first call, and in
    /// tests an empty temporary folder.
    /// - Throws: ``StateFolderError`` if there is none, or the worker's user may not write there. A module's `init`
    ///   lets it through: the worker then logs it and does not start.
    public var stateFolder: String {
        get throws(StateFolderError) { try state.use(by: name) }
    }

    /// - Parameters:
    ///   - stateFolder: absolute; `nil` if there is none.
    ///   - settings: JSON.
    ///   - settingsOrigin: the place where the settings were written, for messages; empty if there are none.
    package init(
        name: String, mountPath: String, logger: Logger, resourceFolder: String, stateFolder: String?,
        eventLoopGroup: any EventLoopGroup, settings: String, settingsOrigin: String,
        mode: ModuleMode = .production, migrationTask: MigrationTask? = nil
    ) {
        self.mode = mode
        self.migrationTask = migrationTask
        self.name = name
        self.mountPath = mountPath
        self.logger = logger
        self.resourceFolder = resourceFolder
        state = StateFolder(path: stateFolder)
        self.eventLoopGroup = eventLoopGroup
        self.settingsText = settings
        self.settingsOrigin = settingsOrigin
    }

    /// Decodes the `settings` of the module's entry in the configuration; an object without members if it has none.
    ///
    /// Besides what `Decodable` has by itself, a property can be a `Duration` (`30s`, `5m`, `30 days`), a ``ByteCount``
    /// (`10 MiB`) and a ``Secret``. A key that no call has asked for by the end of the module's `init` is a warning in
    /// the log: it may be misspelt.
    /// - Throws: ``SettingsError``, which names the setting that is missing or of the wrong type. A module's `init`
    ///   lets it through: the worker then logs it and does not start.
    public func settings<Settings: Decodable>(_ type: Settings.Type = Settings.self) throws(SettingsError) -> Settings {
        do {
            return try SettingsDecoder.decode(Settings.self, from: settingsText, record: settingsRecord)
        } catch let error as DecodingError {
            throw SettingsError(error, module: name, origin: settingsOrigin)
        } catch {
            throw SettingsError(module: name, origin: settingsOrigin, problem: "\(error)")
        }
    }

    /// Messages about settings that nobody has asked for.
    package var unusedSettings: [SettingsError] {
        settingsRecord.unused(in: settingsText).map {
            SettingsError(module: name, origin: settingsOrigin, problem: $0)
        }
    }
}

/// The reason why a module was loaded, if that is to migrate its databases, and the receiver of what is found.
package struct MigrationTask: Sendable {
    package let order: MigrationOrder
    package let report: @Sendable (MigrationReport) -> Void

    package init(_ order: MigrationOrder, report: @escaping @Sendable (MigrationReport) -> Void) {
        self.order = order
        self.report = report
    }
}
