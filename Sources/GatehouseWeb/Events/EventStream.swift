public import Gatehouse
import HTTPTypes
public import Hummingbird

/// An answer of server-sent events: text that goes on for as long as somebody listens (HTML Standard, section 9.2).
///
/// ```swift
/// router.get("/news") { request, context in
///     EventStream { events in
///         for await headline in headlines.new(after: events.lastID) {
///             try await events.send(ServerSentEvent(headline.text, id: headline.id))
///         }
///     }
/// }
/// ```
///
/// The closure's task is cancelled when the client leaves, when the worker drains (a reload does not wait for it), and
/// a little before the limit for requests: the stream then ends as a whole answer, and the browser connects again, with
/// the last id that it has seen.
public struct EventStream: ResponseGenerator {
    private let heartbeat: Duration
    private let lifetime: Duration?
    private let retry: Duration?
    private let make: @Sendable (EventSender) async throws -> Void

    /// - Parameters:
    ///   - heartbeat: the time without an event after which a comment is sent, so that front servers and routers on the
    ///     way keep the connection. nginx waits 60 seconds (`fastcgi_read_timeout`).
    ///   - lifetime: the longest time that one connection is held; `nil` for nine tenths of the limit for requests.
    ///   - retry: the time that browsers wait before they connect again; `nil` for their own, some three seconds.
    ///   - make: sends the events, and returns when there are no more.
    public init(
        heartbeat: Duration = .seconds(15), lifetime: Duration? = nil, retry: Duration? = nil,
        _ make: @escaping @Sendable (EventSender) async throws -> Void
    ) {
        self.heartbeat = max(heartbeat, .milliseconds(10))
        self.lifetime = lifetime
        self.retry = retry
        self.make = make
    }

    /// The response, which begins to send at once.
    public func response(from request: Request, context: some RequestContext) throws -> Response {
        let gateway = (context as? any WebRequestContext)?.gateway ?? (context as? GatewayRequestContext)?.gateway
        let course = EventCourse(
            gateway: gateway, heartbeat: heartbeat,
            lifetime: lifetime ?? gateway?.timeLimit.map { $0 / 10 * 9 },
            beginning: retry.map { "retry: \($0.wholeMilliseconds)\n\n" } ?? ":\n\n",
            lastID: request.headers[.lastEventID], make: make)
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/event-stream", .cacheControl: "no-cache", .xContentTypeOptions: "nosniff",
                // nginx would collect the events in its buffers.
                .accelBuffering: "no",
            ],
            body: ResponseBody { writer in
                try await course.run { try await writer.write($0) }
                try await writer.finish(nil)
            })
    }
}

/// The way for events to one client.
public struct EventSender: Sendable {
    let queue: EventQueue

    /// The id of the last event that this browser has seen (`Last-Event-ID`); `nil` on its first connection. The client
    /// can send anything.
    public let lastID: String?

    /// Sends an event. Waits if the client takes events more slowly than they are sent.
    /// - Throws: ``ServerSentEvent/Malformed``, or `CancellationError` if the stream has ended.
    public func send(_ event: ServerSentEvent) async throws {
        try await queue.send(event.framed())
    }

    /// Sends an event of data alone.
    /// - Throws: as ``send(_:)-(ServerSentEvent)``.
    public func send(_ data: String) async throws {
        try await send(ServerSentEvent(data))
    }
}

extension HTTPField.Name {
    static let lastEventID = HTTPField.Name("Last-Event-ID")!
    static let accelBuffering = HTTPField.Name("X-Accel-Buffering")!
}
