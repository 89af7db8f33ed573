/// One module and where it answers.
public struct ModulePlan: Codable, Sendable, Equatable {
    /// The `.so`, absolute.
    public var path: String
    /// The path prefix under which it answers: `/` or `/blog`, without a slash at its end.
    public var mount: String
    /// The module's settings as JSON text, `{}` where the configuration has none.
    public var settings: String
    /// Where the settings were written, for messages: `gatehouse.yaml:12`; empty where nowhere.
    public var settingsOrigin: String
    /// The descriptor of a copy in memory, which all workers of a generation share; `nil`: the worker makes its own.
    public var copy: Int32?
    /// The file that was copied: `path` with its links resolved.
    public var copiedFrom: String?

    public init(path: String, mount: String = "/", settings: String = "{}", settingsOrigin: String = "") {
        self.path = path
        self.mount = mount
        self.settings = settings
        self.settingsOrigin = settingsOrigin
    }
}
