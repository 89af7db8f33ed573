import Gatehouse
import GatehouseWeb

/// One upload, read in three ways.
@main
struct MultipartBench: HandlerModule {
    let folder: String
    let limits: MultipartLimits

    init(context: ModuleContext) throws {
        folder = "/var/tmp"
        var limits = MultipartLimits()
        limits.fileBytes = 8 << 30
        limits.totalBytes = 9 << 30
        self.limits = limits
    }

    func routes(_ router: Router<GatewayRequestContext>) {
        router.get("/hello") { _, _ in "Hello from Gatehouse.\n" }
        router.post("/multipart-raw") { request, _ in
            var count = 0
            for try await piece in request.body { count += piece.readableBytes }
            return "\(count)\n"
        }
        router.post("/multipart-count") { [limits] request, _ in
            var count = 0
            for try await part in request.multipart(limits) {
                for try await piece in part { count += piece.readableBytes }
            }
            return "\(count)\n"
        }
        router.post("/multipart-store") { [folder, limits] request, _ in
            let form = try await request.multipartForm(filesIn: folder, limits: limits)
            return "\(form.file("file")?.size ?? 0)\n"
        }
    }
}
