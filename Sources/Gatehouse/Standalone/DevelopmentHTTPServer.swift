import GatehouseServer
import GatehouseWire
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// A module over HTTP without a front server, to be tried in a browser while it is written.
enum DevelopmentHTTPServer {
    static func service(
        for handler: any MountedHandler, host: String, port: Int, group: any EventLoopGroup, logger: Logger
    ) throws -> any Service {
        let numbers = RequestNumbers()
        let life = ServerLife()
        let server = try HTTPServerBuilder.http1().buildServer(
            configuration: ServerConfiguration(address: .hostname(host, port: port)), eventLoopGroup: group,
            logger: logger,
            responder: { request, writer, channel in
                let gateway = GatewayRequest(
                    number: numbers.next(),
                    head: RequestHead(
                        id: GatehouseWire.RequestID(rawValue: 1), role: .responder, keepsConnection: true,
                        parameters: variables(of: request, client: channel.remoteAddress)),
                    mountPath: "", life: life)
                let response: Response
                do {
                    response = try await handler.respond(to: request, gateway: gateway)
                } catch {
                    logger.error("the handler threw: \(error)")
                    response = Response(status: .internalServerError)
                }
                try await writer.write(response: response.head, body: response.body)
                for work in gateway.takeRemainingWork() { await work() }
            },
            onServerRunning: { channel in
                logger.info("serving http://\(host):\(channel.localAddress?.port ?? port)/")
            })
        return DrainingServer(server: server, life: life)
    }

    /// The server, which tells its requests when it is to end.
    private struct DrainingServer: Service {
        let server: any Service
        let life: ServerLife

        func run() async throws {
            try await withGracefulShutdownHandler {
                try await server.run()
            } onGracefulShutdown: {
                life.beginDraining()
            }
        }
    }

    /// The variables that a front server would have sent.
    private static func variables(of request: Request, client: SocketAddress?) -> GatewayVariables {
        var pairs: [(name: String, value: String)] = [
            ("REQUEST_METHOD", request.method.rawValue), ("REQUEST_URI", request.head.path ?? "/"),
            ("QUERY_STRING", request.uri.query ?? ""), ("SERVER_PROTOCOL", "HTTP/1.1"), ("REQUEST_SCHEME", "http"),
        ]
        if let address = client?.ipAddress { pairs.append(("REMOTE_ADDR", address)) }
        if let port = client?.port { pairs.append(("REMOTE_PORT", "\(port)")) }
        for field in request.headers {
            let name = field.name.canonicalName.uppercased().map { $0 == "-" ? "_" : $0 }
            pairs.append(("HTTP_" + String(name), field.value))
        }
        return GatewayVariables(pairs)
    }
}

/// Ascending numbers for requests, from any thread.
private final class RequestNumbers: Sendable {
    private let last = Atomic<UInt64>(0)

    func next() -> UInt64 {
        last.add(1, ordering: .relaxed).newValue
    }
}
