import Gatehouse
import Glibc

/// Blocks its event loop in calls that a signal would cut short, and answers with the call's result.
@main
struct Sleeps: HandlerModule {
    init(context: ModuleContext) async throws {}

    func routes(_ router: Router<GatewayRequestContext>) {
        router.get("/usleep") { request, _ in
            "\(Self.nap(request.uri.queryParameters["ms"].flatMap { UInt32($0) } ?? 0))\n"
        }
        router.get("/poll") { request, _ in
            "\(poll(nil, 0, request.uri.queryParameters["ms"].flatMap { Int32($0) } ?? 0))\n"
        }
    }

    @inline(never)
    static func nap(_ milliseconds: UInt32) -> Int32 { usleep(milliseconds * 1_000) }
}
