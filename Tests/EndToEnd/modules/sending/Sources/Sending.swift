import Gatehouse

/// Sends files of the folder that its settings name.
@main
struct Sending: HandlerModule {
    struct Settings: Decodable {
        var folder: String
    }

    let folder: String

    init(context: ModuleContext) async throws { folder = try context.settings(Settings.self).folder }

    func routes(_ router: Router<GatewayRequestContext>) {
        router.get("/{door}/") { [folder] request, context in
            let name = request.uri.queryParameters["name"].map(String.init) ?? ""
            return try await context.gateway.sendFile(
                "\(folder)/\(name)", contentType: "text/plain", headers: [.cacheControl: "private"])
        }
    }
}
