/// Everything that is wrong with a configuration, in the file's order.
public struct ConfigurationError: Error, Equatable {
    public var problems: [Problem]
    /// The file could not be read at all.
    public var isUnreadableFile = false
}
