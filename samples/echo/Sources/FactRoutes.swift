import Gatehouse

/// Handlers that answer with facts about their request.
struct FactRoutes {
    let counters: Counters

    func add(to router: Router<GatewayRequestContext>) {
        router.get("/headers") { request, _ in
            request.headers.map { "\($0.name.canonicalName): \($0.value)\n" }.joined()
        }
        router.get("/variables") { _, context in
            context.gateway.variables.pairs.map { "\($0.name)=\($0.value)\n" }.joined()
        }
        router.get("/path") { request, context in "\(context.mountPath) \(request.uri.path)\n" }
        router.get("/path/**") { request, context in "\(context.mountPath) \(request.uri.path)\n" }
        router.get("/scheme") { request, _ in "\(request.head.scheme ?? "") \(request.head.authority ?? "")\n" }
        router.get("/role") { _, context in "\(context.gateway.role)\n" }
        router.get("/counters") { [counters] _, _ in counters.description }
        router.get("/status") { request, _ in
            Response(status: .init(code: request.number("code") ?? 200))
        }
        router.get("/big-headers") { request, _ in
            let value = String(repeating: "x", count: request.number("size") ?? 100)
            var headers = HTTPFields()
            for number in 0..<(request.number("count") ?? 10) {
                if let name = HTTPField.Name("x-big-\(number)") { headers[name] = value }
            }
            return Response(status: .ok, headers: headers)
        }
        router.get("/after") { [counters] _, context in
            context.gateway.afterResponse {
                _ = try? await counters.count { try await Task.sleep(for: .milliseconds(50)) }
            }
            return "answered\n"
        }
    }
}
