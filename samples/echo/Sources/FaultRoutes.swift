import Gatehouse

/// Handlers that fail.
struct FaultRoutes {
    let counters: Counters

    struct Mishap: Error {}

    func add(to router: Router<GatewayRequestContext>) {
        router.get("/throw") { _, _ -> String in throw Mishap() }
        router.get("/http-error") { request, _ -> String in
            throw HTTPError(.init(code: request.number("code") ?? 418), message: "as you asked")
        }
        router.get("/crash") { _, _ -> String in fatalError("as you asked") }
        router.get("/wrong-length") { _, _ in
            Response(
                status: .ok, headers: [.contentLength: "100"],
                body: ResponseBody(contentLength: 100) { writer in
                    try await writer.write(ByteBuffer(string: "0123456789"))
                    try await writer.finish(nil)
                })
        }
        router.get("/too-long") { _, _ in
            Response(
                status: .ok,
                body: ResponseBody(contentLength: 5) { writer in
                    try await writer.write(ByteBuffer(string: "0123456789"))
                    try await writer.finish(nil)
                })
        }
        router.get("/throw-late") { _, _ in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    try await writer.write(ByteBuffer(string: "begun\n"))
                    throw Mishap()
                })
        }
        // A careless handler copies a client's text into a header like this: none of it may reach the client.
        router.get("/split") { _, _ in
            var response = Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(string: "split\n")))
            response.status = HTTPResponse.Status(code: 200, reasonPhrase: "OK\r\nX-Forged: yes")
            return response
        }
        router.get("/status-header") { _, _ in
            guard let name = HTTPField.Name("Status") else { return Response(status: .ok) }
            return Response(status: .ok, headers: [name: "599 Forged"])
        }
        router.get("/log") { request, context in
            context.logger.warning("asked to log \(request.uri.queryParameters["text"] ?? "")")
            return "logged\n"
        }
    }
}
