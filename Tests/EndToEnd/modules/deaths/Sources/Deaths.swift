import Gatehouse
import Glibc

/// Ways for a worker to die, one per path.
@main
struct Deaths: HandlerModule {
    init(context: ModuleContext) async throws {}

    func routes(_ router: Router<GatewayRequestContext>) {
        router.get("/hello") { _, _ in "alive\n" }
        router.get("/trap") { _, _ -> String in Self.trap() }
        router.get("/trap-after-await") { _, _ -> String in
            try await Task.sleep(for: .milliseconds(20))
            return Self.trap()
        }
        router.get("/index") { request, _ in Self.pick(["a"], request.uri.path.utf8.count) }
        router.get("/null") { request, _ -> String in
            let address = UnsafeMutablePointer<UInt8>(bitPattern: 16 + request.uri.path.utf8.count)
            address?.pointee = 1
            return "never\n"
        }
        router.get("/abort") { _, _ -> String in abort() }
        router.get("/overflow") { request, _ in "\(Self.deep(request.uri.path.utf8.count))\n" }
        router.get("/wait") { _, _ in
            try await Task.sleep(for: .seconds(60))
            return "waited\n"
        }
    }

    @inline(never)
    static func trap() -> String { fatalError("as you asked") }

    @inline(never)
    static func pick(_ names: [String], _ number: Int) -> String { names[number] }

    /// Uses up the thread's stack.
    @inline(never)
    static func deep(_ number: Int) -> Int {
        withUnsafeTemporaryAllocation(of: Int.self, capacity: 512) { space in
            space[0] = number
            space[number & 511] = deep(number &+ 1)
            return space[0] &+ space[number & 511]
        }
    }
}
