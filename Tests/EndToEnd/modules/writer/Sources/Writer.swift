import Gatehouse
import Glibc

/// Tries to make a file in the folder that the path names, and answers with the outcome.
@main
struct Writer: HandlerModule {
    init(context: ModuleContext) async throws {}

    func routes(_ router: Router<GatewayRequestContext>) {
        router.get("/write/**") { _, context in
            let path = "/" + context.parameters.getCatchAll().joined(separator: "/") + "/written-by-a-module"
            let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { return String(cString: strerror(errno)) }
            close(descriptor)
            unlink(path)
            return "written"
        }
    }
}
