import GatehouseWire
import HTTPTypes
import NIOCore

/// A request between its parameters' end and its response's. Confined to its connection's event loop.
final class LiveRequest {
    /// How far the response has come.
    enum ResponseState {
        /// Can become: begun, abandoned.
        case awaited
        /// The head is written. Can become: ended, abandoned; awaited again as long as nothing of it has left.
        case begun
        /// The end is on its way. Final.
        case ended
        /// Nobody wants it any more: whatever the handler still writes is dropped. Final.
        case abandoned
    }

    let id: RequestID
    let role: RequestRole
    let keepsConnection: Bool
    let parameters: GatewayVariables
    let began: Int64

    // The body, on its way in.
    var bodyEnded = false
    var bodyCount = 0
    /// CONTENT_LENGTH, where it can be trusted to say how long the body is.
    var announcedLength: Int?
    var lastBodyActivity: Int64
    /// What has arrived before the handler was started.
    var collected = ByteBuffer()
    var body: BodyStream?
    var data: BodyStream?
    /// Whether a Filter's DATA has ended; other roles have none.
    var dataEnded: Bool
    /// Bytes that wait for the handler.
    var buffered = 0
    var stalledSince: Int64?

    // The handler.
    var hasStarted = false
    var task: HandlerTask?
    var isCancelled = false
    /// Whether the handler has returned or thrown.
    var isDone = false
    /// Whether the handler went on although its request was over.
    var isOrphaned = false
    var gateway: GatewayRequest?
    var handler: (any MountedHandler)?
    /// The request's place on the scoreboard, until its handler has ended; -1 for none.
    var slot: Int32 = -1

    // The response, on its way out.
    var response = ResponseState.awaited
    /// Whether the response's body is not sent: HEAD, 204, 304.
    var discardsBody = false
    var declaredLength: Int?
    var writtenLength = 0
    /// Whether any of the response is on its way, so that it can no longer be taken back.
    var hasLeft = false
    /// Whether it was begun and cannot be completed: it waits for the connection to be broken off.
    var isBrokenOff = false
    /// Whether the handler wrote more than the response's Content-Length, and the rest was dropped.
    var isCutToLength = false
    /// The response's status, 0 while there is none.
    var status = 0
    /// Whether the peer gave the request up.
    var isAborted = false
    /// Handlers that wait for the peer to take what was written.
    var writers: [UInt64: CheckedContinuation<Void, any Error>] = [:]

    init(_ head: RequestHead, now: Int64) {
        id = head.id
        role = head.role
        keepsConnection = head.keepsConnection
        dataEnded = head.role != .filter
        parameters = head.parameters
        began = now
        lastBodyActivity = now
    }

    var head: RequestHead {
        RequestHead(id: id, role: role, keepsConnection: keepsConnection, parameters: parameters)
    }

    /// Whether the front server still owes us a part of the request.
    var isUnread: Bool { !bodyEnded || !dataEnded }

    var handlerName: String { handler?.name ?? "gatehouse" }

    /// Tells the handler, wherever it waits, that it need not go on.
    func cancel(_ reason: BodyError) {
        isCancelled = true
        body?.finish(reason)
        data?.finish(reason)
        task?.cancel()
        release()
    }

    /// Ends every wait for this request's peer: nothing more comes and nothing more is taken.
    func release() {
        body?.finish(BodyError(.aborted))
        data?.finish(BodyError(.aborted))
        guard !writers.isEmpty else { return }
        let waiting = writers
        writers = [:]
        for writer in waiting.values { writer.resume(throwing: CancellationError()) }
    }
}
