internal import ArgumentParser

/// `gatehouse`
struct GatehouseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gatehouse",
        abstract: "An application server for Swift behind nginx and other web servers, by FastCGI and SCGI.",
        discussion: """
            "gatehouse --version" prints the version and the commit that it was built from.

            Exit status: 0 success, 64 wrong arguments, 65 not a module, or its source does not compile, 66 no \
            such file, 70 internal fault, 74 input or output, 77 permission, 78 configuration, 80 to 87 a module that \
            cannot be used (80 no stamp, 81 other SDK, 82 other compiler, 83 cannot be linked, 84 no handler type, \
            85 init threw, 86 init ended the process, 87 init did not return), 88 the worker died.
            """,
        subcommands: [
            ServeCommand.self, CheckCommand.self, BuildCommand.self, RequestCommand.self, StatusCommand.self,
            ReloadCommand.self, DrainCommand.self, StopCommand.self, ScaleCommand.self, ReleaseCommand.self,
            UpgradeCommand.self, ReopenCommand.self, LocateCommand.self,
        ])
}
