internal import ArgumentParser
internal import GatehouseConfiguration
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

            A pool that cannot be started is named, its clients are answered 503, and it is tried again while the \
            others serve. Only if none can be started, or with --strict, serve leaves with the reason's exit status.
            """)

    @OptionGroup var options: PoolOptions

    func run() throws {
        let configuration = try options.configuration()
        var settings = Supervisor.Options(
            configuration: configuration, version: GatehouseCommand.version,
            workerProgram: try Installation().worker(), say: Console.sayPlaced)
        settings.program = try Installation().program
        settings.isStrict = options.strict
        settings.arguments = Array(CommandLine.arguments.dropFirst())
        if let file = options.config {
            settings.configurationFile = file
            settings.reload = { () throws(SupervisorError) in
                do throws(CommandFailure) {
                    return try options.configuration()
                } catch {
                    throw SupervisorError(error.messages.joined(separator: "; "), error.status)
                }
            }
        }
        do {
            let status = try Supervisor(settings).run()
            if status != 0 { throw CommandFailure([], ExitStatus(rawValue: status)) }
        } catch let error as SupervisorError {
            throw CommandFailure(error.message, error.exitStatus)
        }
    }
}
