internal import ArgumentParser
internal import GatehouseControl

/// `gatehouse reload`
struct ReloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Read the configuration and the modules anew, without losing a request.",
        discussion: """
            Returns when it is done. For each pool whose part of the configuration or whose module files have changed, \
            new workers are started; when they have loaded every module and answered, they take over, and the old ones \
            finish what they have. Where something is wrong the old workers go on serving, and what it is is said \
            here: the exit status is then that of "gatehouse serve" for the same fault, for instance 78 for a wrong \
            configuration, 83 for a module that cannot be linked. SIGHUP does the same and tells the log.

            \(ControlHelp.exitStatus)
            """)

    @OptionGroup var options: ControlOptions

    @Option(
        name: .long,
        help: ArgumentHelp("Only this pool, and new workers even if nothing of it has changed.", valueName: "name"))
    var pool: String?

    func run() throws {
        try options.perform(.reload(pool: pool), patience: nil)
    }
}
