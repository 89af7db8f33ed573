import CGatehouseSystem
import GatehousePlan
import GatehouseServer
import GatehouseSystem
import GatehouseWire
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

    private static func serve<Module: HandlerModule>(_ type: Module.Type) async -> Int32 {
        let arguments: StandaloneArguments
        let settings: (text: String, origin: String)
        do {
            arguments = try StandaloneArguments(Array(ProcessArguments.all.dropFirst()))
            if arguments.asksForHelp {
                print(StandaloneArguments.usage)
                return 0
            }
            settings = try arguments.readSettings()
        } catch {
            // Each line by itself: within one, a line's end would be escaped.
            for line in "\(Module.self): \(error.message)".split(separator: "\n", omittingEmptySubsequences: false) {
                say(String(line))
            }
            return 64
        }
        let log = LineLogHandler(label: "\(Module.self)", level: .info)
        let logger = Logger(label: "\(Module.self)") { _ in log }
        let group = MultiThreadedEventLoopGroup.singleton
        do {
            let context = ModuleContext(
                name: "\(Module.self)", mountPath: "", logger: logger,
                resourceFolder: "Resources", eventLoopGroup: group, settings: settings.text,
                settingsOrigin: settings.origin)
            let module = try await HostedModule(type, context: context, log: log)
            let server: any Service =
                switch arguments.endpoint {
                case .http(let host, let port):
                    try DevelopmentHTTPServer.server(
                        for: module.handler, host: host, port: port, group: group, logger: logger)
                case .fastCGI(let path): GatewayService(.fastCGI, path, module.handler, logger)
                case .scgi(let path): GatewayService(.scgi, path, module.handler, logger)
                }
            try await ServiceGroup(
                services: module.services + [server], gracefulShutdownSignals: [.sigterm, .sigint, .sigquit],
                logger: logger
            ).run()
            return 0
        } catch {
            say("\(Module.self): \(error)")
            return 70
        }
    }

    private static func say(_ line: String) {
        LogSink.standardError.write(line.printable(escapesBackslash: true))
    }
}
