/// One thing that the peer has said, in the order in which it said it.
///
/// Ranges are positions in the chunk that was handed to `nextEvent(in:at:now:)`: body bytes are never copied by the
/// wire, so the caller slices its own buffer.
public enum ConnectionEvent: Sendable, Equatable {
    /// Every parameter has arrived: the request can start.
    case requestReceived(RequestHead)
    /// Bytes of the request's body: FCGI_STDIN, or what follows the head of SCGI or uwsgi.
    case bodyReceived(RequestID, Range<Int>)
    /// The body is whole.
    case bodyEnded(RequestID)
    /// Bytes of a Filter's file: FCGI_DATA. Protocols without that role never report any.
    case dataReceived(RequestID, Range<Int>)
    /// The Filter's file is whole.
    case dataEnded(RequestID)
    /// The front server no longer wants the answer. The request keeps its place until its end is encoded.
    case requestAborted(RequestID)
    /// The request will not start: answer it with `appendRefusal`, which also forgets it.
    case requestRefused(RequestID, Refusal)
    /// The peer asked something of the application itself, outside any request: send it these bytes as they are.
    case questionReceived(answer: [UInt8])

    /// Whether it is bytes of this request's body.
    package func isBody(of id: RequestID) -> Bool {
        if case .bodyReceived(id, _) = self { true } else { false }
    }
}
