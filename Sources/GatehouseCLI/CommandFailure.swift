internal import GatehousePlan

/// Why a command ends without success: complete messages, and the status to exit with.
struct CommandFailure: Error {
    var messages: [String]
    var status: ExitStatus

    init(_ message: String, _ status: ExitStatus) {
        self.init([message], status)
    }

    init(_ messages: [String], _ status: ExitStatus) {
        self.messages = messages
        self.status = status
    }
}
