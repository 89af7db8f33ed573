import Gatehouse

/// Logs as a library does: with a logger that it has made itself.
@main
struct Library: HandlerModule {
    init(context: ModuleContext) async throws {
        Logger(label: "org.example.library").debug("nobody asked for this")
        Logger(label: "org.example.library").warning("set\nup", metadata: ["by": "init"])
    }

    func routes(_ router: Router<GatewayRequestContext>) {
        router.get("/") { _, context in
            let logger = Logger(label: "org.example.library")
            logger.info("nobody asked for this either")
            logger.error("could not\nreach it", metadata: ["host": "db\u{1b}1"])
            return "\(logger.logLevel) \(context.logger.logLevel)\n"
        }
    }
}
