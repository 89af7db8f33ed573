internal import ArgumentParser
internal import GatehouseControl

/// `gatehouse drain`
struct DrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Let a pool finish its requests, and accept nothing new.",
        discussion: """
            Returns at once; "gatehouse status" shows when its workers have ended. New connections wait at the pool's \
            sockets until "gatehouse reload" or "gatehouse scale" gives it workers again.

            \(ControlHelp.exitStatus)
            """)

    @OptionGroup var options: ControlOptions

    @Argument(help: "The pool's name.")
    var pool: String

    func run() throws {
        try options.perform(.drain(pool: pool))
    }
}
