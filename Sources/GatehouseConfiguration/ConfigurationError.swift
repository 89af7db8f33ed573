/// Everything that is wrong with a configuration, in the file's order.
public struct ConfigurationError: Error, Equatable {
    public var problems: [Problem]
    /// The modules whose path could be read all the same, so that they can be looked at too.
    public var modules: [ConfiguredModule] = []
    /// The file could not be read at all.
    public var isUnreadableFile = false
}
