internal import ArgumentParser
internal import GatehouseConfiguration
internal import GatehousePlan
internal import GatehouseSupervisor
internal import GatehouseSystem
internal import Glibc

/// `gatehouse serve`
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run modules in the foreground.",
        discussion: """
            After SIGTERM and SIGQUIT, workers finish the requests in flight and accept nothing new. SIGINT (Ctrl-C) \
            stops at once. Without --listen and --config, standard input is served if it is a listening socket.

            A pool that cannot be started is named, its clients are answered 503, and it is tried again while the \
            others serve. Only if none can be started, or with --strict, serve ends with the reason's exit status.
            """)

    @OptionGroup var options: PoolOptions

    func run() throws {
        // Until the supervisor takes signals, this one is blocked: Swift's runtime would take it for a crash.
        var early = sigset_t()
        sigemptyset(&early)
        sigaddset(&early, SIGQUIT)
        pthread_sigmask(SIG_BLOCK, &early, nil)
        let configuration = try options.configuration()
        var settings = Supervisor.Options(
            configuration: configuration, version: GatehouseVersion.number,
            workerProgram: try Installation().worker())
        settings.program = try Installation().program
        settings.isStrict = options.strict
        settings.arguments = Array(ProcessArguments.all.dropFirst())
        if let file = options.config {
            settings.configurationFile = file
            settings.reload = { () throws(OperatorError) in
                do throws(CommandFailure) {
                    return try options.configuration()
                } catch {
                    throw OperatorError(error.messages.joined(separator: "; "), error.status)
                }
            }
        }
        let status = try Supervisor(settings).run()
        if status != 0 { throw CommandFailure([], ExitStatus(rawValue: status)) }
    }
}
