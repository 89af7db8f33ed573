import CGatehouseSystem
import GatehousePlan
import GatehouseServer
import GatehouseSystem
import Glibc
import Hummingbird
import Logging
import NIOPosix
import ServiceLifecycle
import UnixSignals

/// A module as a program of its own: one process, no supervisor, for development.
enum StandaloneProgram {
    /// Serves until SIGTERM, SIGQUIT or SIGINT, then ends the process.
    static func run<Module: HandlerModule>(_ type: Module.Type) -> Never {
        gatehouse_disregard_signals(0)
        LineLogHandler.bootstrap(level: .info)
        Task.detached {
            exit(await serve(type))
        }
        while true { pause() }
    }

    /// - Returns: the process's exit status.
    private static func serve<Module: HandlerModule>(_ type: Module.Type) async -> Int32 {
        let arguments: StandaloneArguments
        let settings: (text: String, origin: String)
        do {
            arguments = try StandaloneArguments(Array(ProcessArguments.all.dropFirst()))
            if arguments.asksForHelp {
                print(StandaloneArguments.usage)
                return ExitStatus.success.rawValue
            }
            settings = try arguments.readSettings()
        } catch {
            // Line by line: the log would escape a line's end inside a message.
            for line in "\(Module.self): \(error.message)".split(separator: "\n", omittingEmptySubsequences: false) {
                say(String(line))
            }
            return ExitStatus.usage.rawValue
        }
        do {
            try await serve(type, at: arguments.place, settings: settings)
            return ExitStatus.success.rawValue
        } catch {
            say("\(Module.self): \(error)")
            return ExitStatus.internal.rawValue
        }
    }

    private static func serve<Module: HandlerModule>(
        _ type: Module.Type, at place: StandaloneArguments.Place, settings: (text: String, origin: String)
    ) async throws {
        let log = LineLogHandler(label: "\(Module.self)", level: .info)
        let logger = Logger(label: "\(Module.self)") { _ in log }
        let group = MultiThreadedEventLoopGroup.singleton
        let context = ModuleContext(
            name: "\(Module.self)", mountPath: "", logger: logger, resourceFolder: "Resources",
            stateFolder: Paths.absolute(".state"), eventLoopGroup: group, settings: settings.text,
            settingsOrigin: settings.origin, mode: .development)
        let module = try await HostedModule(type, context: context, log: log)
        let server: any Service =
            switch place {
            case .http(let host, let port):
                try DevelopmentHTTPServer.service(
                    for: module.handler, host: host, port: port, group: group, logger: logger)
            case .gateway(let gatewayProtocol, let path):
                DevelopmentGatewayServer(
                    gatewayProtocol: gatewayProtocol, path: path, handler: module.handler, logger: logger)
            }
        try await ServiceGroup(
            services: module.services + [server], gracefulShutdownSignals: [.sigterm, .sigint, .sigquit],
            logger: logger
        ).run()
    }

    private static func say(_ line: String) {
        LogSink.standardError.write(line.printable(escapesBackslash: true))
    }
}
