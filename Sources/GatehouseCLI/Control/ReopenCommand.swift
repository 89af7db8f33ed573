internal import ArgumentParser
internal import GatehouseControl

/// `gatehouse reopen`
struct ReopenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reopen",
        abstract: "Open log files anew, after they have been moved.",
        discussion: """
            For logrotate's postrotate script. SIGUSR1 does the same.

            \(ControlHelp.exitStatus)
            """)

    @OptionGroup var options: ControlOptions

    func run() throws {
        try options.perform(.reopen)
    }
}
