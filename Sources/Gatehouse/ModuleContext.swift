import FoundationEssentials
public import Logging
public import NIOCore

/// What a module is given when it is made.
public struct ModuleContext: Sendable {
    /// The module's name.
    public let name: String
    /// Where it is mounted: `/blog`, or empty at the root.
    public let mountPath: String
    /// A logger under the module's name. Those that libraries make for themselves (`Logger(label:)`) write to the same
    /// log, from the same level on: the worker has bootstrapped swift-log's `LoggingSystem`, and so has `swift run`. A
    /// module does not, because a second time ends the process.
    public let logger: Logger
    /// The folder for files that belong to the module, absolute: `libBlog.resources` beside `libBlog.so`. It need not
    /// exist. `gatehouse build` fills it from the package's `Resources` folder.
    public let resourceFolder: String
    /// The worker's event loops, for clients that the module makes.
    public let eventLoopGroup: any EventLoopGroup

    private let settingsText: String
    private let settingsOrigin: String

    /// - Parameters:
    ///   - settings: JSON.
    ///   - settingsOrigin: where the settings were written, for messages; empty where nowhere.
    package init(
        name: String, mountPath: String, logger: Logger, resourceFolder: String, eventLoopGroup: any EventLoopGroup,
        settings: String, settingsOrigin: String
    ) {
        self.name = name
        self.mountPath = mountPath
        self.logger = logger
        self.resourceFolder = resourceFolder
        self.eventLoopGroup = eventLoopGroup
        self.settingsText = settings
        self.settingsOrigin = settingsOrigin
    }

    /// The `settings` of the module's entry in the configuration; empty where it has none.
    /// - Throws: ``SettingsError``, which names the setting that is missing or of the wrong type.
    public func settings<Settings: Decodable>(_ type: Settings.Type = Settings.self) throws(SettingsError) -> Settings {
        do {
            return try JSONDecoder().decode(Settings.self, from: Data(settingsText.utf8))
        } catch let error as DecodingError {
            throw SettingsError(error, module: name, origin: settingsOrigin)
        } catch {
            throw SettingsError(module: name, origin: settingsOrigin, problem: "\(error)")
        }
    }
}
