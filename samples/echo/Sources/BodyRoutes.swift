import Gatehouse

/// Handlers that read the request's body, at once, later or never.
struct BodyRoutes {
    let counters: Counters

    func add(to router: Router<GatewayRequestContext>) {
        // nginx stops sending a request's body when it has the response's head, so the answer waits for the whole body.
        router.post("/echo") { request, _ in
            var chunks: [ByteBuffer] = []
            for try await chunk in request.body { chunks.append(chunk) }
            let type = request.headers[.contentType] ?? "application/octet-stream"
            return Response(status: .ok, headers: [.contentType: type], body: ResponseBody(contentsOf: chunks))
        }
        // For front servers that read a response while they still send the body, and for `gatehouse request`.
        router.post("/echo-at-once") { request, _ in
            Response(status: .ok, body: ResponseBody(asyncSequence: request.body))
        }
        router.post("/count") { [counters] request, _ in
            try await counters.count {
                var count = 0
                for try await chunk in request.body { count += chunk.readableBytes }
                return "\(count)\n"
            }
        }
        router.post("/form") { request, context in
            let fields = try await request.decode(as: [String: String].self, context: URLEncodedContext(context))
            return fields.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)\n" }.joined()
        }
        router.post("/ignore-body") { _, _ in "not read\n" }
        router.post("/stall") { [counters] request, _ in
            try await counters.count {
                try await Task.sleep(for: .milliseconds(request.number("ms") ?? 1_000))
                var count = 0
                for try await chunk in request.body { count += chunk.readableBytes }
                return "\(count)\n"
            }
        }
    }
}

/// A context whose decoder reads the request's body as a form.
struct URLEncodedContext: RequestContext {
    typealias Source = GatewayRequestContextSource

    var coreContext: CoreRequestContextStorage
    var requestDecoder: URLEncodedFormDecoder { URLEncodedFormDecoder() }

    init(source: GatewayRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
    }

    init(_ context: GatewayRequestContext) {
        coreContext = context.coreContext
    }
}

extension Request {
    /// A number from the query.
    func number(_ name: Substring) -> Int? {
        uri.queryParameters[name].flatMap { Int($0) }
    }
}
