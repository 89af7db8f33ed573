/// A connection on which one request comes: its head announces the body's length, and the answer, the response itself
/// with nothing around it, ends with the connection. SCGI and uwsgi are of this kind.
///
/// A conformance decodes the head, in `takeHead`, and inherits the rest.
public protocol SingleRequestConnection: GatewayConnection {
    /// The state of the request.
    var request: SingleRequest { get set }

    /// Reads bytes of the head, at least one, as `advance` does: an event once the head is whole or refused, `nil` when
    /// the chunk is used up before. It is called until `request` has started or is refused.
    mutating func takeHead(
        in chunk: UnsafeBufferPointer<UInt8>, at offset: inout Int
    ) throws(PeerViolation) -> ConnectionEvent?
}

/// The only request of a connection: the part of its state that does not depend on the protocol.
public struct SingleRequest: Sendable {
    enum Phase {
        case head
        case body
        /// The whole request has arrived.
        case complete
        /// Refused or answered: further bytes are read and dropped.
        case discarding

        func mayBecome(_ next: Phase) -> Bool {
            switch (self, next) {
            case (.head, .body), (.body, .complete), (_, .discarding): true
            default: false
            }
        }
    }

    static let id = RequestID(rawValue: 1)

    var phase = Phase.head {
        willSet { assert(phase.mayBecome(newValue), "a request cannot go from \(phase) to \(newValue)") }
    }
    /// When the head's first byte came; `nil` before that.
    var began: Int64?
    var bodyLeft = 0

    /// A request of which nothing has come.
    public init() {}

    mutating func start(_ parameters: GatewayVariables, bodyLength: Int) -> ConnectionEvent {
        bodyLeft = bodyLength
        phase = .body
        return .requestReceived(
            RequestHead(id: Self.id, role: .responder, keepsConnection: false, parameters: parameters))
    }

    mutating func refuse(_ refusal: Refusal) -> ConnectionEvent {
        phase = .discarding
        return .requestRefused(Self.id, refusal)
    }
}

extension SingleRequestConnection {
    /// The next event of the bytes in `chunk`; see `GatewayConnection`.
    public mutating func advance(
        in chunk: UnsafeBufferPointer<UInt8>, at offset: inout Int, now: Int64
    ) throws(PeerViolation) -> ConnectionEvent? {
        while true {
            if request.phase == .body, request.bodyLeft == 0 {
                request.phase = .complete
                return .bodyEnded(SingleRequest.id)
            }
            guard offset < chunk.count else { return nil }
            switch request.phase {
            case .head:
                if request.began == nil { request.began = now }
                if let event = try takeHead(in: chunk, at: &offset) { return event }
            case .body:
                let piece = offset..<offset + min(request.bodyLeft, chunk.count - offset)
                offset = piece.upperBound
                request.bodyLeft -= piece.count
                return .bodyReceived(SingleRequest.id, piece)
            case .complete:
                throw PeerViolation(.bytesAfterBody, "\(chunk.count - offset) bytes or more")
            case .discarding:
                offset = chunk.count
            }
        }
    }
}

// MARK: The state between events

extension SingleRequestConnection {
    /// When the head's first byte came, while the head is not whole.
    public var oldestUnfinishedHead: Int64? { request.phase == .head ? request.began : nil }

    /// Always `false`: the only request has not begun before its head is whole.
    public var hasUnfinishedHeads: Bool { false }

    /// Whether nothing has come yet, or all has.
    public var isBetweenRequests: Bool {
        switch request.phase {
        case .head: request.began == nil
        case .body: false
        case .complete, .discarding: true
        }
    }

    /// Whether the only request has not come yet.
    public var acceptsMoreRequests: Bool { violation == nil && request.phase == .head }

    /// Bytes of the body still to come.
    public var bodyBytesLeft: Int { request.phase == .body ? request.bodyLeft : 0 }
}

// MARK: The answer: the response itself, with nothing around it

extension SingleRequestConnection {
    /// Appends `content` as it is.
    public func appendOutput(_ content: Span<UInt8>, of id: RequestID, to output: inout [UInt8]) {
        content.withUnsafeBufferPointer { output.append(contentsOf: $0) }
    }

    /// Appends nothing: output has no frame.
    public func appendFrame(forOutputOf count: Int, of id: RequestID, to output: inout [UInt8]) -> OutputFrame {
        OutputFrame(contentLength: count, paddingLength: 0)
    }

    /// Appends nothing: the answer's end is the connection's.
    public mutating func appendEnd(of id: RequestID, to output: inout [UInt8]) {
        request.phase = .discarding
    }

    /// Appends a whole response, if the refusal has an HTTP status.
    public mutating func appendRefusal(_ refusal: Refusal, of id: RequestID, to output: inout [UInt8]) {
        request.phase = .discarding
        if let status = refusal.httpStatus { output.append(contentsOf: RefusalAnswer.bytes(status, statusLine)) }
    }

    /// Always `false`: an answer ends with its connection, however that ends.
    public var canSayCut: Bool { false }

    /// Appends nothing.
    public func appendCut(to output: inout [UInt8]) {}
}
