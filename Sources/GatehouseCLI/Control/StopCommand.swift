internal import ArgumentParser
internal import GatehouseControl

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
