internal import ArgumentParser
internal import GatehouseControl

/// `gatehouse stop`
struct StopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Stop a running Gatehouse.",
        discussion: """
            What is in flight is finished, up to each pool's deadline, and nothing new is taken; with --now nothing is \
            waited for. Returns at once. SIGTERM and SIGINT do the same. Under systemd use "systemctl stop", or it may \
            be started again.

            \(ControlHelp.exitStatus)
            """)

    @OptionGroup var options: ControlOptions

    @Flag(name: .long, help: "Leave at once: requests in flight are cut off.")
    var now = false

    func run() throws {
        try options.perform(.stop(atOnce: now))
    }
}
