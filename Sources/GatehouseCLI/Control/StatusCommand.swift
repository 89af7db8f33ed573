internal import ArgumentParser
internal import GatehouseControl
internal import GatehousePlan

/// `gatehouse status`
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Print the state of a running Gatehouse: pools, workers, and the requests in flight.",
        discussion: """
            Prints a block for each pool: its state (starting, serving, degraded, idle, drained), how many connections \
            wait at its endpoints, what it has served since the supervisor started, its last crash, routes in \
            quarantine, its workers, and the requests that they are handling, the oldest first.

            With --json it prints the same and more in a form for programs: durations in milliseconds, sizes in bytes, \
            moments in seconds since 1970.

              gatehouse status
              gatehouse status --json --pool web | jq '.pools[0].workers[].requestsInFlight'

            \(ControlHelp.exitStatus)
            """)

    @OptionGroup var options: ControlOptions

    @Flag(name: .long, help: "Print JSON, for programs.")
    var json = false

    @Option(name: .long, help: ArgumentHelp("Only this pool.", valueName: "name"))
    var pool: String?

    func run() throws {
        guard case .status(var report) = try options.ask(.status) else { throw ControlOptions.unexpected }
        if let pool {
            let names = report.pools.map(\.name).joined(separator: ", ")
            report.pools.removeAll { $0.name != pool }
            guard !report.pools.isEmpty else {
                throw CommandFailure("there is no pool \(pool): there is \(names)".printable(), .usage)
            }
        }
        guard json else {
            for line in StatusText(report).lines { print(line) }
            return
        }
        print(try report.json())
    }
}
