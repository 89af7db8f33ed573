internal import ArgumentParser
internal import GatehouseControl

/// `gatehouse scale`
struct ScaleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scale",
        abstract: "Give a pool another number of workers, until the next reload.",
        discussion: """
            Returns at once; workers that are no longer needed finish their requests. To keep the number, write it to \
            "workers" in the configuration.

              gatehouse scale web 8

            \(ControlHelp.exitStatus)
            """)

    @OptionGroup var options: ControlOptions

    @Argument(help: "The pool's name.")
    var pool: String

    @Argument(help: "How many workers. To have none, drain the pool.")
    var workers: Int

    func run() throws {
        try options.perform(.scale(pool: pool, workers: workers))
    }
}
