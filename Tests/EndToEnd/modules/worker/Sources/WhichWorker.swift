import Gatehouse
import Glibc

/// Answers with its process id, and uses up memory and time.
@main
struct WhichWorker: HandlerModule {
    init(context: ModuleContext) async throws {
        print("a line of standard output")
    }

    func routes(_ router: Router<GatewayRequestContext>) {
        // The answer comes `?ms=` milliseconds after the request.
        router.get("/pid") { request, _ in
            let time = request.uri.queryParameters.get("ms", as: Int.self) ?? 0
            if time > 0 { try await Task.sleep(for: .milliseconds(time)) }
            return "\(getpid())"
        }
        // Takes memory and keeps it. Each page is written to, or it would not count. The answer has the address, which
        // keeps the compiler from leaving out unused memory.
        router.get("/grow") { request, _ in
            let size = request.uri.queryParameters.get("bytes", as: Int.self) ?? 0
            guard let memory = malloc(size) else { return "\(getpid()) nothing" }
            memset(memory, 1, size)
            return "\(getpid()) \(memory)"
        }
        // The same work each time: spinning until a time would seem to scale on one processor, too.
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
        // Ends the process without a crash and without an order.
        router.get("/exit") { _, _ -> String in exit(0) }
    }
}
