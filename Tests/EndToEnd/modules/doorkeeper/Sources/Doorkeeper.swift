import Gatehouse

/// Decides who may pass, for front servers that ask it as an Authorizer (FastCGI 1.0, section 6.3).
@main
struct Doorkeeper: HandlerModule {
    init(context: ModuleContext) async throws {}

    func routes(_ router: Router<GatewayRequestContext>) {
        router.get("/**") { _, context in
            guard context.gateway.role == .authorizer else { return Response(status: .badRequest) }
            let asked = context.gateway.variables
            // Apache asks in several steps, and names each: a user whose password is right may still be refused.
            let step = asked["FCGI_APACHE_ROLE"] ?? "ONLY"
            return switch step {
            case "AUTHENTICATOR": Self.answer(step, asked["REMOTE_PASSWD"] == "secret", otherwise: .unauthorized)
            case "AUTHORIZER": Self.answer(step, asked["REMOTE_USER"] == "ann", otherwise: .forbidden)
            default: Self.answer(step, asked["HTTP_X_BADGE"] == "secret", otherwise: .forbidden)
            }
        }
    }

    /// Answers a client that may pass with a variable that names the step; the front server adds it to the request that
    /// it then sends to the application.
    private static func answer(_ step: String, _ mayPass: Bool, otherwise refusal: HTTPResponse.Status) -> Response {
        guard mayPass, let variable = HTTPField.Name("Variable-DOOR") else { return Response(status: refusal) }
        return Response(status: .ok, headers: [variable: step])
    }
}
