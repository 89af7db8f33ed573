import Hummingbird
import Logging
import NIOPosix

/// Hummingbird as its documentation starts it, on a Unix socket and with one event loop, as Gatehouse has one:
/// the same router and the same route, reached with `proxy_pass` instead of `fastcgi_pass`.
@main
struct StockHummingbird {
    static func main() async throws {
        guard CommandLine.arguments.count == 2 else {
            print("usage: StockHummingbird SOCKET")
            return
        }
        let router = Router()
        router.get("/hello") { _, _ in "Hello from the peer.\n" }

        var logger = Logger(label: "stock-hummingbird")
        logger.logLevel = .error
        let application = Application(
            router: router,
            configuration: .init(address: .unixDomainSocket(path: CommandLine.arguments[1])),
            eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup(numberOfThreads: 1)),
            logger: logger)
        try await application.runService()
    }
}
