internal import GatehouseConfiguration
internal import GatehousePlan

/// Why a command ends without success: complete messages, and the status to exit with.
struct CommandFailure: Error {
    var messages: [String]
    var status: ExitStatus
    /// Whether the messages begin with the file, line and column that they are about.
    var isPlaced = false
    /// The modules that a wrong configuration names, for `check` to look at as well.
    var modules: [ConfiguredModule] = []

    init(_ message: String, _ status: ExitStatus) {
        self.init([message], status)
    }

    init(_ messages: [String], _ status: ExitStatus) {
        self.messages = messages
        self.status = status
    }
}
