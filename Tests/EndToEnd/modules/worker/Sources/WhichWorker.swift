import Gatehouse
import Glibc

/// Says which process answers, and uses it up.
@main
struct WhichWorker: HandlerModule {
    init(context: ModuleContext) async throws {
        print("a line of standard output")
    }

    func routes(_ router: Router<GatewayRequestContext>) {
        // `?ms=` later; what is to be answered is known before.
        router.get("/pid") { request, _ in
            let time = request.uri.queryParameters.get("ms", as: Int.self) ?? 0
            if time > 0 { try await Task.sleep(for: .milliseconds(time)) }
            return "\(getpid())"
        }
        // Memory that stays; each page is written to, or it would not count. Its address is told so that the compiler
        // cannot find that nobody needs it.
        router.get("/grow") { request, _ in
            let size = request.uri.queryParameters.get("bytes", as: Int.self) ?? 0
            guard let memory = malloc(size) else { return "\(getpid()) nothing" }
            memset(memory, 1, size)
            return "\(getpid()) \(memory)"
        }
        // The same work each time: a spin by the clock would seem to scale on one processor, too.
        router.get("/compute") { request, _ in
            let rounds = request.uri.queryParameters.get("rounds", as: Int.self) ?? 0
            var value: UInt64 = 1
            for _ in 0..<rounds { value = value &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407 }
            return "\(value)"
        }
        router.get("/mask") { _, _ in
            let mask = umask(0)
            umask(mask)
            return String(mask, radix: 8)
        }
        router.get("/crash") { _, _ -> String in fatalError("as you asked") }
        // Without a crash, and without having been told to.
        router.get("/exit") { _, _ -> String in exit(0) }
    }
}
