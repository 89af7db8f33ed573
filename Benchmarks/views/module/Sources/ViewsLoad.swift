import FoundationEssentials
import Gatehouse
import GatehouseWeb
import Glibc

/// The pages of `scripts/bench --views`, written for a second each in the worker that would send them.
@main
struct ViewsLoad: HandlerModule {
    let views: Views

    init(context: ModuleContext) async throws { views = try Views(context: context) }

    struct Outcome: Codable, ResponseEncodable {
        var microseconds: Double
        var page: String
    }

    func routes(_ router: Router<WebContext>) {
        router.get("/measure/:page") { [views] request, context -> Outcome in
            let seconds = request.uri.queryParameters.get("seconds", as: Double.self) ?? 1
            switch try context.parameters.require("page") {
            case "fortunes": return try Self.measure(views, "fortunes", FortunesPage(), context, seconds)
            case "list": return try Self.measure(views, "list", ListPage(), context, seconds)
            default: throw HTTPError(.notFound)
            }
        }
    }

    /// The processor time of a page, its values' encoding included.
    private static func measure(
        _ views: Views, _ name: String, _ page: some Encodable, _ context: WebContext, _ seconds: Double
    ) throws -> Outcome {
        let text = try views.text(name, page, context: context)
        for _ in 0..<1_000 { _ = try views.render(name, page, context: context) }
        var count = 0
        let start = time()
        var now = start
        while now - start < seconds {
            for _ in 0..<100 { _ = try views.render(name, page, context: context) }
            count += 100
            now = time()
        }
        return Outcome(microseconds: (now - start) / Double(count) * 1e6, page: text)
    }

    private static func time() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

struct FortunesPage: Encodable {
    struct Row: Encodable {
        var id: Int
        var message: String
    }

    var heading = "Fortunes"
    var rows = (1...12).map {
        Row(id: $0, message: "<script>alert(\"\($0)\")</script> A computer scientist’s joke & more")
    }
}

struct ListPage: Encodable {
    struct Row: Encodable {
        var id: Int
        var title: String
        var text: String
        var created: Date
        var comments: Int
    }

    var heading = "Notes"
    var rows = (1...50).map {
        Row(
            id: $0, title: "Note \($0) & its title",
            text: "The quick brown fox jumps over the lazy dog, and the dog does not mind: note \($0).",
            created: Date(timeIntervalSince1970: 1_790_000_000 + Double($0) * 86_400), comments: $0 % 3)
    }
}
