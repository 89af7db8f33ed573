import GatehouseServer
import GatehouseSystem
import GatehouseWire
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore

/// One engine on a real event loop, with a transport that only records.
final class Bench: Sendable {
    let poll: PollLoop
    let transport: RecordingTransport
    let engine: ConnectionEngine
    let loop: LoopContext

    /// The clock's constant time: mostly, only a test lets time go by.
    private static let start: Int64 = 1_000_000_000_000
    private static let blocking = BlockingExecutor(threads: 4)

    /// - Parameter ticks: whether time goes by itself.
    init(
        limits: Limits = Limits(), execution: HandlerExecution = .eventLoop, scoreboard: Scoreboard? = nil,
        accessLog: AccessLog? = nil, culprits: CulpritBoard? = nil, budget: RequestBudget? = nil, ticks: Bool = false,
        _ handler: @escaping @Sendable (Request, GatewayRequest) async throws -> Response
    ) async throws {
        let poll = try PollLoop()
        try poll.start()
        self.poll = poll
        let handler = ClosureHandler(execution: execution, closure: handler)
        var logger = Logger(label: "bench")
        logger.handler = SwiftLogNoOpLogHandler()
        let loop = LoopContext(
            poll: poll, limits: limits, logger: logger, mounts: MountTable([("/", handler)]),
            blockingExecutor: Self.blocking, recorder: scoreboard?.recorder(loop: 0),
            accessLog: accessLog.map { LoopAccessLog($0) }, culprits: culprits, budget: budget,
            ticks: ticks, clock: { ticks ? MonotonicClock.nanoseconds() : Self.start })
        self.loop = loop
        let transport = RecordingTransport()
        self.transport = transport
        engine = ConnectionEngine(loop: loop, wire: FastCGIConnection(limits: limits), transport: transport)
        try await on { $0.engine.opened() }
    }

    deinit { poll.stop() }

    /// Runs `body` on the loop.
    @discardableResult
    func on<Result: Sendable>(_ body: @escaping @Sendable (Bench) throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            poll.execute { continuation.resume(with: Swift.Result { try body(self) }) }
        }
    }

    /// The peer sends `bytes`, which arrive in one piece.
    func send(_ bytes: [UInt8]) async throws {
        try await on { bench in
            bench.engine.received(ByteBuffer(bytes: bytes))
            bench.engine.receivedAll()
        }
    }

    /// Waits until the transport is as `condition` says.
    func when(_ condition: @escaping @Sendable (RecordingTransport) -> Bool) async throws {
        await withCheckedContinuation { continuation in
            poll.execute { self.transport.when(condition) { continuation.resume() } }
        }
    }

    /// Waits until request `id` has been ended, and gives everything that was sent.
    func answers(until id: UInt16 = 1) async throws -> [UInt16: Answer] {
        try await when { (Answer.parse($0.sent)?[id]?.ends ?? 0) > 0 }
        return try await on { Answer.parse($0.transport.sent) ?? [:] }
    }

    func answer(_ id: UInt16 = 1) async throws -> Answer {
        try await answers(until: id)[id] ?? Answer()
    }

    /// Looks at every deadline as if `nanoseconds` had gone by.
    func tick(after nanoseconds: Int64) async throws {
        try await on { bench in
            bench.engine.tick(now: Self.start + nanoseconds)
            bench.loop.flushDirty()
        }
    }

    static func text(_ text: String) -> Response {
        Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}

/// A handler made of a closure.
final class ClosureHandler: MountedHandler {
    let name: String
    let execution: HandlerExecution
    private let closure: @Sendable (Request, GatewayRequest) async throws -> Response

    init(
        name: String = "test", execution: HandlerExecution = .eventLoop,
        closure: @escaping @Sendable (Request, GatewayRequest) async throws -> Response
    ) {
        self.name = name
        self.execution = execution
        self.closure = closure
    }

    func respond(to request: Request, gateway: GatewayRequest) async throws -> Response {
        try await closure(request, gateway)
    }
}

extension LoopContext {
    /// Returns when no handler runs; connections may be there.
    func whenNoHandlerRuns() async { await whenHandlers(are: 0) }

    /// Returns when so many handlers run.
    func whenHandlers(are count: Int) async {
        while await running() != count { await Task.yield() }
    }

    private func running() async -> Int {
        await withCheckedContinuation { continuation in
            poll.execute { continuation.resume(returning: self.tasksInFlight) }
        }
    }
}
