internal import ArgumentParser
internal import GatehouseControl

/// `gatehouse reload`
struct ReloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Read the configuration and the modules anew, without losing a request.",
        discussion: """
            Returns when the reload has ended. If a pool's part of the configuration or its module files have changed, \
            new workers are started for it. When they have loaded every module and answered a request, they take over, \
            and the old workers finish their requests. If something is wrong, the old workers go on serving, and this \
            command prints the fault and exits as "gatehouse serve" would: for instance with 78 for a wrong \
            configuration, or 83 for a module that cannot be linked. SIGHUP does the same; its result is in the log.

            \(ControlHelp.exitStatus)
            """)

    @OptionGroup var options: ControlOptions

    @Option(
        name: .long,
        help: ArgumentHelp("Only this pool, which gets new workers even if nothing has changed.", valueName: "name"))
    var pool: String?

    func run() throws {
        try options.perform(.reload(pool: pool), timeout: nil)
    }
}
