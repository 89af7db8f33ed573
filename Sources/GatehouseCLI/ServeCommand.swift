internal import ArgumentParser
internal import GatehousePlan
internal import GatehouseSupervisor

/// `gatehouse serve`
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run modules in the foreground.",
        discussion: """
            SIGTERM drains: what is in flight is finished, nothing new is taken. SIGINT (Ctrl-C) leaves at once. Where \
            neither --listen nor --config is given and standard input is a listening socket, that one is served.
            """)

    @OptionGroup var options: PoolOptions

    func run() throws {
        let pool = try options.pool()
        let supervisor = Supervisor(pool: pool, workerProgram: try Installation().worker(), say: Console.say)
        do {
            let status = try supervisor.run()
            if status != 0 { throw CommandFailure([], ExitStatus(rawValue: status)) }
        } catch let error as SupervisorError {
            throw CommandFailure(error.message, error.exitStatus)
        }
    }
}
