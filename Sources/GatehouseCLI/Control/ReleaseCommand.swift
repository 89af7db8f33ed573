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
            throw ValidationError("\"\(text.printable())\" is no route: write /path, or METHOD /path")
        }
        return text
    }
}
