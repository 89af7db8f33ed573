import Gatehouse

/// Handlers that read, or do not read, the request's body.
struct BodyRoutes {
    let counters: Counters

    func add(to router: Router<GatewayRequestContext>) {
        // nginx sends no more of a request's body once it has the response's head, so the answer waits for the body.
        router.post("/echo") { request, _ in
            var chunks: [ByteBuffer] = []
            for try await chunk in request.body { chunks.append(chunk) }
            let type = request.headers[.contentType] ?? "application/octet-stream"
            return Response(status: .ok, headers: [.contentType: type], body: ResponseBody(contentsOf: chunks))
        }
        // For front servers that read an answer while they still send, and for gatehouse request.
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

extension Request {
    /// A number from the query.
    func number(_ name: Substring) -> Int? {
        uri.queryParameters[name].flatMap { Int($0) }
    }
}
