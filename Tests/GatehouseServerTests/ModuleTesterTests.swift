import Gatehouse
import GatehouseClient
import GatehousePlan
import GatehouseTesting
import NIOConcurrencyHelpers
import Testing

/// The kit for module authors, with a module as an author would write it.
struct ModuleTesterTests {
    /// Says whether it runs.
    final class Clockwork: Service {
        let isRunning = NIOLockedValueBox(false)

        func run() async throws {
            isRunning.withLockedValue { $0 = true }
            try? await gracefulShutdown()
            isRunning.withLockedValue { $0 = false }
        }
    }

    struct Guestbook: HandlerModule {
        struct Settings: Decodable {
            var title: String
        }

        static let clockwork = Clockwork()
        let title: String
        var services: [any Service] { [Self.clockwork] }

        init(context: ModuleContext) async throws {
            title = try context.settings(Settings.self).title
        }

        func routes(_ router: Router<GatewayRequestContext>) {
            router.get("/") { _, context in
                "\(title) at \(context.mountPath)/ for \(context.gateway.remoteAddress ?? "")\n"
            }
            router.get("/entry/:number") { _, _ -> String in throw HTTPError(.notFound) }
            router.post("/entries") { request, _ in
                var count = 0
                for try await chunk in request.body { count += chunk.readableBytes }
                return "\(count)\n"
            }
        }
    }

    @Test(arguments: GatewayProtocol.allCases)
    func `a module answers as it will behind a web server`(gatewayProtocol: GatewayProtocol) async throws {
        try await ModuleTester.run(
            Guestbook.self, settings: #"{"title": "Notes"}"#, mountPath: "/guests", gatewayProtocol: gatewayProtocol
        ) { guests in
            let page = try await guests.get("/")
            #expect(page.status == 200)
            #expect(page.text.hasPrefix("Notes at /guests/ for "))
            let entry = try await guests.post("/entries", body: [UInt8](repeating: 65, count: 300_000))
            #expect(entry.text == "300000\n")
            #expect(try await guests.get("/nothing").status == 404)
        }
    }

    @Test func `a path that is there answers 405 to other methods, and says which it has`() async throws {
        try await ModuleTester.run(Guestbook.self, settings: #"{"title": "Notes"}"#) { guests in
            for (method, target, status, allowed) in [
                ("POST", "/", 405, "GET, HEAD"), ("GET", "/entries?a=b", 405, "POST"),
                ("BREW", "/entries", 405, "POST"),
                ("GET", "/entry/7", 404, nil), ("DELETE", "/entry/7", 405, "GET, HEAD"), ("POST", "/nothing", 404, nil),
                ("HEAD", "/", 200, nil),
            ] {
                let response = try await guests.send(ClientRequest(method: method, target: target))
                #expect(response.status == status, "\(method) \(target)")
                #expect(response.head["allow"] == allowed, "\(method) \(target)")
            }
        }
    }

    /// Two paths that fit the same requests, many times: Hummingbird looks at the one that was there first.
    struct Overlapping: HandlerModule {
        static let places = 0..<8

        init(context: ModuleContext) async throws {}

        func routes(_ router: Router<GatewayRequestContext>) {
            for place in Self.places {
                router.get("/\(place)/{name}.jpg") { _, _ -> String in throw HTTPError(.notFound) }
                router.post("/\(place)/big{name}") { _, _ in "" }
            }
        }
    }

    @Test func `of two paths that fit, the methods are those of the one that Hummingbird looks at`() async throws {
        try await ModuleTester.run(Overlapping.self) { module in
            for place in Overlapping.places {
                for (method, name, status, allowed) in [
                    ("GET", "big1.jpg", 404, nil), ("POST", "big1.jpg", 405, "GET, HEAD"),
                    ("POST", "big1.png", 200, nil),
                    ("GET", "big1.png", 405, "POST"),
                ] {
                    let response = try await module.send(ClientRequest(method: method, target: "/\(place)/\(name)"))
                    #expect(response.status == status, "\(method) \(name)")
                    #expect(response.head["allow"] == allowed, "\(method) \(name)")
                }
            }
        }
    }

    /// A module with a router of its own, which decides by itself what that answers.
    struct OwnRouter: HandlerModule {
        init(context: ModuleContext) async throws {}

        var responder: RouterResponder<GatewayRequestContext> {
            let router = Router(context: GatewayRequestContext.self)
            router.post("/entries") { _, _ in "" }
            return router.buildResponder()
        }
    }

    @Test func `a router of the module's own answers as Hummingbird does`() async throws {
        try await ModuleTester.run(OwnRouter.self) { module in
            let response = try await module.get("/entries")
            #expect(response.status == 404)
        }
    }

    @Test func `its services run while it serves`() async throws {
        try await ModuleTester.run(Guestbook.self, settings: #"{"title": "Notes"}"#) { guests in
            _ = try await guests.get("/")
        }
        #expect(!Guestbook.clockwork.isRunning.withLockedValue { $0 })
    }

    @Test func `settings that are missing say which`() async throws {
        await #expect {
            try await ModuleTester.run(Guestbook.self) { _ in }
        } throws: { error in
            "\(error)" == "the test: settings of Guestbook: title is missing"
        }
    }
}
