internal import ArgumentParser
internal import GatehouseControl

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
