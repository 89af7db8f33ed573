internal import ArgumentParser
internal import GatehouseControl
internal import GatehousePlan

/// `gatehouse release`
struct ReleaseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "End the quarantine of routes that killed workers.",
        discussion: """
            A route that has killed several workers in a short time is answered 503 for a while; "gatehouse status" \
            lists such routes. This command ends all quarantines, those of one pool, or that of one route. It exits \
            with 64 if there is no such quarantine.

              gatehouse release
              gatehouse release --pool web /report
              gatehouse release POST /import

            \(ControlHelp.exitStatus)
            """)

    @OptionGroup var options: ControlOptions

    @Option(name: .long, help: ArgumentHelp("Only routes of this pool.", valueName: "name"))
    var pool: String?

    @Argument(
        help: ArgumentHelp("A path, with its method in front unless that is GET.", valueName: "method> <path"))
    var route: [String] = []

    func validate() throws {
        _ = try wholeRoute()
    }

    func run() throws {
        try options.perform(.release(pool: pool, route: try wholeRoute()))
    }

    /// `GET /report`, from one word, or two, or both in one as `status` prints them; `nil` for every route.
    private func wholeRoute() throws(ValidationError) -> String? {
        let text = route.joined(separator: " ")
        if text.isEmpty { return nil }
        if text.hasPrefix("/") { return "GET " + text }
        let words = text.split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[1].hasPrefix("/") else {
            throw ValidationError("\"\(text.printable())\" is not a route: write /path, or METHOD /path")
        }
        return text
    }
}

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
