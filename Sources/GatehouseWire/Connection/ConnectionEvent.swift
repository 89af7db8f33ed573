/// What has happened on a connection, in the order in which the peer sent it.
///
/// Ranges are positions in the chunk that was handed to `nextEvent(in:at:now:)`: body bytes are never copied by the
/// wire, so the caller slices its own buffer.
public enum ConnectionEvent: Sendable, Equatable {
    /// Every parameter has arrived: the request can start.
    case requestReceived(RequestHead)
    /// Bytes of the request's body: FCGI_STDIN, or what follows SCGI's header.
    case bodyReceived(RequestID, Range<Int>)
    case bodyEnded(RequestID)
    /// Bytes of a Filter's file: FCGI_DATA.
    case dataReceived(RequestID, Range<Int>)
    case dataEnded(RequestID)
    /// The front server no longer wants the answer. The request keeps its place until its end is encoded.
    case requestAborted(RequestID)
    /// The request will not start: answer it with `appendRefusal`, which also forgets it.
    case requestRefused(RequestID, Refusal)
    /// A management record wants its answer: `appendReply`.
    case replyRequested(ManagementReply)
}
