import GatehouseServer
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

    /// What the clock says throughout: time goes by only where a test says so.
    private static let start: Int64 = 1_000_000_000_000
    private static let blocking = BlockingExecutor(threads: 4)

    init(
        limits: Limits = Limits(), execution: HandlerExecution = .eventLoop, scoreboard: Scoreboard? = nil,
        accessLog: AccessLog? = nil, culprits: CulpritBoard? = nil, budget: RequestBudget? = nil,
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
            clock: { Self.start })
        self.loop = loop
        let transport = RecordingTransport()
        self.transport = transport
        engine = ConnectionEngine(loop: loop, wire: FastCGIConnection(limits: limits), transport: transport)
        try await on { bench in
            bench.engine.opened()
            // Time goes by only where a test says so.
            bench.poll.tick = nil
        }
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
