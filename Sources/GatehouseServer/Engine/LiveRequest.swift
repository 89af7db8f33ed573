import GatehouseWire
import HTTPTypes
import NIOCore

/// A request from its parameters' end until the peer has its answer's end and its handler has ended. Confined to its
/// connection's event loop.
final class LiveRequest {
    /// The progress of the request; ``mayBecome(_:)`` is the table of its steps.
    ///
    /// The connection has those in the first five phases among its requests; the others are over for the peer.
    enum Phase: Equatable {
        /// The handler has not been called: its body is collected, as far as it comes with the parameters.
        case collecting
        /// The handler runs, and has not begun a response.
        case running
        /// The handler has begun its response. `hasLeft`: a part is on its way, and can no longer be taken back.
        case answering(hasLeft: Bool)
        /// The peer has aborted the request, or left. The request ends after its handler.
        case aborted(hasLeft: Bool)
        /// The response cannot be completed, and waits for the connection to be broken off. `isGivenUp`: the peer has
        /// aborted it meanwhile, so that it ends after its handler, and the connection need not be broken off.
        case brokenOff(isGivenUp: Bool)
        /// The whole response is on its way; the handler may still run. `isCut`: it wrote more than it had announced,
        /// which has been logged.
        case answered(isCut: Bool)
        /// The peer has another answer, or none; the handler, which was cancelled, still runs.
        case orphaned
        /// The peer has another answer, or none, and no handler runs.
        case over

        /// The table of allowed transitions.
        func mayBecome(_ next: Phase) -> Bool {
            switch (self, next) {
            case (.collecting, .running), (.collecting, .aborted(hasLeft: false)), (.collecting, .over): true
            case (.running, .answering(hasLeft: false)), (.running, .aborted(hasLeft: false)): true
            case (.running, .orphaned), (.running, .over): true
            // A response that has not begun to leave is discarded, and the request fails as if there had been none.
            case (.answering(hasLeft: false), .running), (.answering(hasLeft: false), .answering(hasLeft: true)): true
            case (.answering(let left), .aborted(let stillLeft)): left == stillLeft
            case (.answering(hasLeft: true), .brokenOff(isGivenUp: false)), (.answering, .answered): true
            case (.answering, .orphaned), (.answering, .over): true
            case (.aborted(hasLeft: false), .aborted(hasLeft: true)), (.aborted, .orphaned), (.aborted, .over): true
            case (.brokenOff(isGivenUp: false), .brokenOff(isGivenUp: true)): true
            case (.brokenOff, .orphaned), (.brokenOff, .over): true
            case (.orphaned, .over): true
            default: false
            }
        }
    }

    /// The progress of a body: the request's own or a Filter's file.
    enum Body {
        /// The handler has not been called; this has arrived.
        case collecting(ByteBuffer)
        /// The handler reads it while it arrives.
        case streaming(BodyStream)
        /// It still arrives, and nobody wants it.
        case discarding
        /// The front server has sent its end.
        case ended

        /// Whether the front server still owes us a part of it.
        var isArriving: Bool { if case .ended = self { false } else { true } }
    }

    let head: RequestHead
    /// Nanoseconds of the monotonic clock, as all times here.
    let began: Int64
    private(set) var phase = Phase.collecting

    // The body, on its way in.
    private(set) var body = Body.collecting(ByteBuffer())
    /// The file of a Filter's request; ended from the start in other roles.
    private(set) var data = Body.ended
    /// The stream of that file, until the handler has it.
    private var file: BodyStream?
    var bodyCount = 0
    /// CONTENT_LENGTH, if it can be trusted to say how long the body is.
    var announcedLength: Int?
    var lastBodyActivity: Int64
    /// Bytes that wait for the handler.
    var buffered = 0
    /// The time since which more bytes wait than the limit allows.
    var stalledSince: Int64?

    // The handler.
    /// Runs the handler; `nil` before and after.
    var task: HandlerTask?
    var gateway: GatewayRequest?
    var handler: (any MountedHandler)?
    /// The request's place on the scoreboard, until its handler has ended; -1 for none.
    var slot: Int32 = -1

    // The response, on its way out.
    var isHead = false
    var declaredLength: Int?
    var writtenLength = 0
    /// The response's status, 0 while there is none.
    var status = 0
    /// Handlers that wait for the peer to take what was written.
    private var writers: [UInt64: CheckedContinuation<Void, any Error>] = [:]

    init(_ head: consuming RequestHead, now: Int64) {
        self.head = head
        began = now
        lastBodyActivity = now
    }

    var id: RequestID { head.id }
    var role: RequestRole { head.role }
    var parameters: GatewayVariables { head.parameters }
    var handlerName: String { handler?.name ?? "gatehouse" }

    // MARK: Phases

    func move(to next: Phase) {
        assert(phase.mayBecome(next), "a request cannot go from \(phase) to \(next)")
        assert(next != .over || task == nil, "a request is not over while its handler runs")
        phase = next
    }

    /// Notes that a part of the response is on its way.
    func noteLeft() {
        switch phase {
        case .answering(hasLeft: false): move(to: .answering(hasLeft: true))
        case .aborted(hasLeft: false): move(to: .aborted(hasLeft: true))
        default: break
        }
    }

    /// Notes that the peer wants no answer any more.
    func abort() {
        switch phase {
        case .collecting, .running: move(to: .aborted(hasLeft: false))
        case .answering(let hasLeft): move(to: .aborted(hasLeft: hasLeft))
        case .brokenOff(isGivenUp: false): move(to: .brokenOff(isGivenUp: true))
        default: break
        }
    }

    /// The next phase if the peer gets no answer from the handler.
    var phaseWithoutAnswer: Phase { task == nil ? .over : .orphaned }

    /// Whether the peer waits for the response's first byte.
    var isUnanswered: Bool { phase == .collecting || phase == .running }

    /// Whether a handler runs whose response the peer still wants.
    var isHandled: Bool {
        switch phase {
        case .running, .answering: true
        default: false
        }
    }

    var isAborted: Bool { if case .aborted = phase { true } else { false } }

    /// Whether it waits for the connection to be broken off.
    var isBrokenOff: Bool { phase == .brokenOff(isGivenUp: false) }

    /// Whether a part of the response has left, and its end has not.
    var isUnderWay: Bool {
        switch phase {
        case .answering(let hasLeft), .aborted(let hasLeft): hasLeft
        case .brokenOff: true
        default: false
        }
    }

    // MARK: Bodies

    /// Whether the front server still owes us a part of the request.
    var isUnread: Bool { body.isArriving || data.isArriving }

    /// Keeps a chunk for a handler that has not been called.
    /// - Returns: how many bytes are kept.
    func collect(_ chunk: ByteBuffer) -> Int {
        guard case .collecting(var collected) = body else { return 0 }
        // Moved out first, because writing to a buffer with two owners copies it.
        body = .discarding
        if collected.readableBytes == 0 { collected = chunk } else { collected.writeImmutableBuffer(chunk) }
        body = .collecting(collected)
        return collected.readableBytes
    }

    func streamBody(by stream: BodyStream) { body = .streaming(stream) }

    func streamData(by stream: BodyStream) {
        data = .streaming(stream)
        file = stream
    }

    func takeFile() -> BodyStream? {
        guard let file else { return nil }
        self.file = nil
        return file
    }

    func endBody(_ error: BodyError? = nil) { Self.end(&body, error) }
    func endData() { Self.end(&data, nil) }

    private static func end(_ body: inout Body, _ error: BodyError?) {
        if case .streaming(let stream) = body { stream.finish(error) }
        body = .ended
    }

    /// Tells a handler that reads the body that nothing more comes, although the front server has not ended it.
    func interruptBody(_ error: BodyError) { Self.discard(&body, error) }

    // MARK: Waiting handlers

    /// Tells the handler, wherever it waits, that it need not go on.
    func cancel(_ reason: BodyError) {
        release(reason)
        task?.cancel()
    }

    /// Ends every wait for this request's peer: it will send nothing more, and take nothing more.
    func release(_ reason: BodyError = BodyError(.aborted)) {
        Self.discard(&body, reason)
        Self.discard(&data, reason)
        for writer in takeWriters() { writer.resume(throwing: CancellationError()) }
    }

    private static func discard(_ body: inout Body, _ reason: BodyError) {
        guard case .streaming(let stream) = body else { return }
        stream.finish(reason)
        body = .discarding
    }

    func addWriter(_ number: UInt64, _ writer: CheckedContinuation<Void, any Error>) { writers[number] = writer }
    func takeWriter(_ number: UInt64) -> CheckedContinuation<Void, any Error>? { writers.removeValue(forKey: number) }

    func takeWriters() -> [CheckedContinuation<Void, any Error>] {
        guard !writers.isEmpty else { return [] }
        defer { writers = [:] }
        return Array(writers.values)
    }
}

/// Carries a request, which is confined to its loop, through code that runs elsewhere and does not look at it.
struct RequestReference: @unchecked Sendable {
    let value: LiveRequest
}
