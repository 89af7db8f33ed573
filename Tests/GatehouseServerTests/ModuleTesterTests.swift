import Gatehouse
import GatehouseTesting
import HTTPTypes
import Synchronization
import Testing

/// The kit for module authors, with a module as an author would write it.
struct ModuleTesterTests {
    /// A service that records whether it runs.
    final class Clockwork: Service {
        let isRunning = Mutex(false)

        func run() async throws {
            isRunning.withLock { $0 = true }
            try? await gracefulShutdown()
            isRunning.withLock { $0 = false }
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
            #expect(page.status == .ok)
            #expect(page.text.hasPrefix("Notes at /guests/ for "))
            let entry = try await guests.post("/entries", body: [UInt8](repeating: 65, count: 300_000))
            #expect(entry.text == "300000\n")
            #expect(try await guests.get("/nothing").status == .notFound)
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
                let known = try #require(HTTPRequest.Method(method))
                let response = try await guests.send(ModuleTester.Request(method: known, target: target))
                #expect(response.status.code == status, "\(method) \(target)")
                #expect(response.headers[.allow] == allowed, "\(method) \(target)")
            }
        }
    }

    /// Pairs of paths that fit the same requests: Hummingbird matches the one that was added first.
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

    @Test func `if two paths fit, the methods are those of the one that Hummingbird matches`() async throws {
        try await ModuleTester.run(Overlapping.self) { module in
            for place in Overlapping.places {
                for (method, name, status, allowed) in [
                    ("GET", "big1.jpg", 404, nil), ("POST", "big1.jpg", 405, "GET, HEAD"),
                    ("POST", "big1.png", 200, nil),
                    ("GET", "big1.png", 405, "POST"),
                ] {
                    let known = try #require(HTTPRequest.Method(method))
                    let response = try await module.send(
                        ModuleTester.Request(method: known, target: "/\(place)/\(name)"))
                    #expect(response.status.code == status, "\(method) \(name)")
                    #expect(response.headers[.allow] == allowed, "\(method) \(name)")
                }
            }
        }
    }

    /// A module that brings a router as its responder.
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
            #expect(response.status == .notFound)
        }
    }

    @Test func `its services run while it serves`() async throws {
        try await ModuleTester.run(Guestbook.self, settings: #"{"title": "Notes"}"#) { guests in
            _ = try await guests.get("/")
        }
        #expect(!Guestbook.clockwork.isRunning.withLock { $0 })
    }

    /// A module that answers with facts of the front server, and with answers that have no end.
    struct Facts: HandlerModule {
        struct Mishap: Error {}

        init(context: ModuleContext) async throws {}

        func routes(_ router: Router<GatewayRequestContext>) {
            router.get("/user") { request, context in
                "\(context.gateway.role) \(context.gateway.remoteUser ?? "") \(request.headers[.accept] ?? "")\n"
            }
            router.get("/throw-late") { _, _ in
                Response(
                    status: .ok,
                    body: ResponseBody { writer in
                        try await writer.write(ByteBuffer(string: "begun\n"))
                        // When a handler suspends, its output has been sent.
                        try await Task.sleep(for: .milliseconds(1))
                        throw Mishap()
                    })
            }
            router.get("/sleep") { _, _ in
                try await Task.sleep(for: .seconds(60))
                return "slept\n"
            }
        }
    }

    @Test func `a request can have variables, headers and a role of its own`() async throws {
        try await ModuleTester.run(Facts.self) { module in
            let response = try await module.send(
                ModuleTester.Request(
                    target: "/user", headers: [.accept: "text/plain"], variables: ["REMOTE_USER": "ann"],
                    role: .authorizer))
            #expect(response.text == "authorizer ann text/plain\n")
            #expect(response.headers[.contentType] == "text/plain; charset=utf-8")
        }
    }

    @Test func `an answer without an end is an error that says why`() async throws {
        try await ModuleTester.run(Facts.self) { module in
            let broken = await #expect(throws: ModuleTester.NoResponse.self) { try await module.get("/throw-late") }
            #expect(broken?.code == .brokenOff)
            let late = await #expect(throws: ModuleTester.NoResponse.self) {
                try await module.send(ModuleTester.Request(target: "/sleep"), timeout: .milliseconds(50))
            }
            #expect(late?.code == .timedOut)
        }
    }

    @Test func `settings that are missing say which`() async throws {
        await #expect {
            try await ModuleTester.run(Guestbook.self) { _ in }
        } throws: { error in
            "\(error)" == "the test: settings of Guestbook: title is missing"
        }
    }
}
