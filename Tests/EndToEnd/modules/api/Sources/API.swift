import Gatehouse

/// Names every type that the API returns or takes, with no import but the SDK's: nothing of this compiles otherwise.
@main
struct API: HandlerModule {
    struct Settings: Decodable {
        var title: String?
    }

    static var execution: HandlerExecution { .eventLoop }

    let title: String
    let logger: Logger
    let loops: any EventLoopGroup
    var services: [any Service] { [] }

    init(context: ModuleContext) async throws {
        do throws(SettingsError) {
            title = try context.settings(Settings.self).title ?? context.name
        } catch {
            throw error
        }
        logger = context.logger
        loops = context.eventLoopGroup
    }

    func routes(_ router: Router<APIContext>) {
        router.add(middleware: Refusal())
        router.get("/facts") { _, context in
            Self.facts(context.gateway, context.gateway.role, context.gateway.variables, context.gateway.tls)
        }
        router.post("/body") { request, _ -> Response in
            do {
                let body: ByteBuffer = try await request.body.collect(upTo: 1 << 20)
                return Response(status: .ok, body: ResponseBody(byteBuffer: body))
            } catch let error as BodyError {
                throw Self.refusal(error.code)
            }
        }
        router.get("/misuse") { _, _ in
            Response(
                status: .ok,
                body: ResponseBody(contentLength: 1) { writer in
                    do {
                        try await writer.write(ByteBuffer(string: "too long"))
                    } catch let error as ResponseMisuse {
                        throw error
                    }
                    try await writer.finish(nil)
                })
        }
    }

    private static func facts(
        _ gateway: GatewayRequest, _ role: RequestRole, _ variables: GatewayVariables, _ tls: GatewayRequest.TLSFacts?
    ) -> String {
        let scheme = variables["REQUEST_SCHEME"] ?? ""
        return "\(role) \(scheme) \(tls == nil ? "plain" : "TLS") \(!gateway.requestID.isEmpty)\n"
    }

    private static func refusal(_ code: BodyError.Code) -> HTTPError {
        let status: HTTPResponse.Status = code == .tooLarge ? .contentTooLarge : .badRequest
        return HTTPError(status, message: code.rawValue)
    }
}

/// A context of the module's own.
struct APIContext: RequestContext {
    typealias Source = GatewayRequestContextSource

    var coreContext: CoreRequestContextStorage
    let gateway: GatewayRequest

    init(source: GatewayRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        gateway = source.gateway
    }
}

/// Middleware for that context: lets only responders pass.
struct Refusal: RouterMiddleware {
    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        guard context.gateway.role == RequestRole.responder else { throw HTTPError(.forbidden) }
        var fields: HTTPFields = [:]
        fields[.server] = nil
        return try await next(request, context)
    }
}
