import Gatehouse

/// Traps in `init` by an index out of range, about which Swift's runtime prints nothing.
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
