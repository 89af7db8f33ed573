import Gatehouse

/// Answers that go wrong after ten bytes have been sent. With `?announced` they promise a hundred.
@main
struct Breaking: HandlerModule {
    struct Mishap: Error {}

    init(context: ModuleContext) async throws {}

    func routes(_ router: Router<GatewayRequestContext>) {
        router.get("/whole") { _, _ in "whole\n" }
        add("throw", to: router) { _ in throw Mishap() }
        add("short", to: router) { _ in }
        add("long", to: router) { writer in try await writer.write(ByteBuffer(repeating: 0x78, count: 200)) }
        add("wait", to: router) { _ in try await Task.sleep(for: .seconds(3_600)) }
        add("crash", to: router) { _ in fatalError("as you asked") }
    }

    private func add(
        _ name: String, to router: Router<GatewayRequestContext>,
        goesOn: @escaping @Sendable (inout any ResponseBodyWriter) async throws -> Void
    ) {
        router.get("/\(RouterPath(name))") { request, _ in
            let headers: HTTPFields = request.uri.query == "announced" ? [.contentLength: "100"] : [:]
            return Response(
                status: .ok, headers: headers,
                body: ResponseBody { writer in
                    try await writer.write(ByteBuffer(string: "0123456789"))
                    // When a handler suspends, its output has been sent.
                    try await Task.sleep(for: .milliseconds(1))
                    try await goesOn(&writer)
                    try await writer.finish(nil)
                })
        }
    }
}
