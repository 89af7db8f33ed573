internal import ArgumentParser
internal import GatehouseControl

/// `gatehouse reload`
struct ReloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Read the configuration and the modules again, without losing a request.",
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

/// `gatehouse upgrade`
struct UpgradeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upgrade",
        abstract:
            "Replace the running supervisor by the gatehouse program that is now on disk, without losing a request.",
        discussion: """
            Use it after a new version has been installed, and the modules have been built again with it. Sockets stay \
            open. If the new program cannot take over, the old one goes on. SIGUSR2 does the same.

            \(ControlHelp.exitStatus)
            """)

    @OptionGroup var options: ControlOptions

    func run() throws {
        try options.perform(.upgrade, timeout: nil)
    }
}

/// `gatehouse stop`
struct StopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Stop a running Gatehouse.",
        discussion: """
            Workers finish the requests in flight, up to each pool's "drain" limit, and accept nothing new. With --now \
            requests in flight are cancelled. This command returns at once. SIGTERM does the same, and SIGINT the same \
            as --now. Under systemd use "systemctl stop", because systemd may start Gatehouse again otherwise.

            \(ControlHelp.exitStatus)
            """)

    @OptionGroup var options: ControlOptions

    @Flag(name: .long, help: "Stop at once: requests in flight are cancelled.")
    var now = false

    func run() throws {
        try options.perform(.stop(atOnce: now))
    }
}

/// `gatehouse reopen`
struct ReopenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reopen",
        abstract: "Reopen log files after they have been moved.",
        discussion: """
            For logrotate's postrotate script. SIGUSR1 does the same.

            \(ControlHelp.exitStatus)
            """)

    @OptionGroup var options: ControlOptions

    func run() throws {
        try options.perform(.reopen)
    }
}
