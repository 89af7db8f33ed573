import Gatehouse
import GatehouseTesting
@testable import GatehouseWeb
import Synchronization
import Testing

/// Serial, because tests wait for a handler's sign in one place.
@Suite(.serialized)
struct EventStreamTests {
    struct Failure: Error {}

    struct Module: HandlerModule {
        init(context: ModuleContext) async throws {}

        func routes(_ router: Router<WebContext>) {
            router.get("/three") { _, _ in
                EventStream(retry: .seconds(1)) { events in
                    for number in 1...3 {
                        try await events.send(ServerSentEvent("\(number)", id: events.lastID ?? "none"))
                    }
                }
            }
            router.get("/quiet") { _, _ in
                EventStream(heartbeat: .milliseconds(10), lifetime: .milliseconds(50)) { _ in await Self.forever() }
            }
            router.get("/forever") { _, _ in
                EventStream { events in
                    try await events.send("begun")
                    Self.begun.withLock { $0?.resume() }
                    await Self.forever()
                }
            }
            router.get("/waiting") { _, context in
                #expect(!context.gateway.isDraining && context.gateway.timeLimit == .seconds(300))
                Self.begun.withLock { $0?.resume() }
                await context.gateway.waitUntilDraining()
                return "drains: \(context.gateway.isDraining)"
            }
            router.get("/failing") { _, _ in
                EventStream { events in
                    try await events.send("one")
                    throw Failure()
                }
            }
            router.get("/large") { _, _ in
                EventStream { events in
                    for _ in 1...50 { try await events.send(String(repeating: "x", count: 20_000)) }
                }
            }
        }

        static let begun = Mutex<CheckedContinuation<Void, Never>?>(nil)

        /// Sends a request, and returns when its handler runs.
        static func begun(by tester: ModuleTester, _ target: String) async -> Task<String, any Error> {
            let (requests, request) = AsyncStream.makeStream(of: Task<String, any Error>.self)
            await withCheckedContinuation { continuation in
                begun.withLock { $0 = continuation }
                request.yield(Task { try await tester.get(target).text })
                request.finish()
            }
            for await task in requests { return task }
            return Task { throw Failure() }
        }

        private static func forever() async {
            let (never, end) = AsyncStream.makeStream(of: Never.self)
            for await _ in never {}
            end.finish()
        }
    }

    @Test func `events come with their fields, and the stream ends with its closure`() async throws {
        try await ModuleTester.run(Module.self) { tester async throws in
            let id = try #require(HTTPField.Name("Last-Event-ID"))
            let response = try await tester.get("/three", headers: [id: "41"])
            #expect(response.text == "retry: 1000\n\n" + (1...3).map { "id: 41\ndata: \($0)\n\n" }.joined())
            #expect(response.headers[.contentType] == "text/event-stream")
            #expect(response.headers[HTTPField.Name("X-Accel-Buffering")!] == "no")
            #expect(try await tester.get("/three").text.contains("id: none"))
        }
    }

    @Test func `a quiet stream has a pulse, and ends when it is old`() async throws {
        try await ModuleTester.run(Module.self) { tester async throws in
            let text = try await tester.get("/quiet").text
            #expect(text.count { $0 == ":" } >= 2 && text.allSatisfy { ":\n".contains($0) })
        }
    }

    @Test func `a stream ends as a whole answer when the worker drains`() async throws {
        let answer = try await ModuleTester.run(Module.self) { tester async throws in
            await Module.begun(by: tester, "/forever")
        }
        #expect(try await answer.value == ":\n\ndata: begun\n\n")
    }

    @Test func `any handler can wait for the drain`() async throws {
        let answer = try await ModuleTester.run(Module.self) { tester async throws in
            await Module.begun(by: tester, "/waiting")
        }
        #expect(try await answer.value == "drains: true")
    }

    @Test func `a closure that throws breaks the answer off`() async throws {
        try await ModuleTester.run(Module.self) { tester async throws in
            _ = await #expect(throws: ModuleTester.NoResponse.self) { try await tester.get("/failing") }
        }
    }

    @Test func `more than the client takes at once waits for it`() async throws {
        try await ModuleTester.run(Module.self) { tester async throws in
            #expect(try await tester.get("/large").body.count == 3 + 50 * 20_008)
        }
    }
}
