import Gatehouse

/// Its `init` traps, and Swift writes nothing about that.
@main
struct Chooser: HandlerModule {
    let chosen: String

    init(context: ModuleContext) async throws {
        chosen = Self.choose(from: ["a"], context.mountPath.utf8.count + 5)
    }

    func routes(_ router: Router<GatewayRequestContext>) {
        router.get("/") { _, _ in chosen }
    }

    @inline(never)
    static func choose(from names: [String], _ number: Int) -> String { names[number] }
}
