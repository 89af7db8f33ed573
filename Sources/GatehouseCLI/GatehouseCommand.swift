internal import ArgumentParser
internal import GatehousePlan

/// `gatehouse`, with all its commands.
struct GatehouseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gatehouse",
        abstract: "An application server for Swift behind nginx and other web servers, by FastCGI, SCGI and uwsgi.",
        discussion: """
            "gatehouse --version" prints the version and the commit that it was built from.

            Exit status:
            \(exitStatuses)
            """,
        subcommands: [
            ServeCommand.self, CheckCommand.self, MigrateCommand.self, BuildCommand.self, RequestCommand.self,
            StatusCommand.self,
            ReloadCommand.self, DrainCommand.self, StopCommand.self, ScaleCommand.self, ReleaseCommand.self,
            UpgradeCommand.self, ReopenCommand.self, LocateCommand.self,
        ])

    /// `  64  wrong arguments`, a line for each status.
    private static var exitStatuses: String {
        ExitStatus.table.map { status, meaning in
            (status.rawValue < 10 ? "   " : "  ") + "\(status.rawValue)  \(meaning)"
        }.joined(separator: "\n")
    }
}
