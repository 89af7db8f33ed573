import Gatehouse
import GatehouseFront
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
            router.post("/entries") { request, _ in
                var count = 0
                for try await chunk in request.body { count += chunk.readableBytes }
                return "\(count)\n"
            }
        }
    }

    @Test(arguments: [FrontEndpoint.Dialect.fastCGI, .scgi])
    func `a module answers as it will behind a web server`(dialect: FrontEndpoint.Dialect) async throws {
        try await ModuleTester.run(
            Guestbook.self, settings: #"{"title": "Notes"}"#, mountPath: "/guests", dialect: dialect
        ) { guests in
            let page = try await guests.get("/")
            #expect(page.status == 200)
            #expect(page.text.hasPrefix("Notes at /guests/ for "))
            let entry = try await guests.post("/entries", body: [UInt8](repeating: 65, count: 300_000))
            #expect(entry.text == "300000\n")
            #expect(try await guests.get("/nothing").status == 404)
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
