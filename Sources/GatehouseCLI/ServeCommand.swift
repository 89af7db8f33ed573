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
            After SIGTERM, workers finish the requests in flight and accept nothing new. SIGINT (Ctrl-C) stops at \
            once. Without --listen and --config, standard input is served if it is a listening socket.
            """)

    @OptionGroup var options: PoolOptions

    func run() throws {
        let configuration = try options.configuration()
        var settings = Supervisor.Options(
            configuration: configuration, version: GatehouseCommand.version,
            workerProgram: try Installation().worker(), say: Console.sayPlaced)
        settings.program = try Installation().program
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
