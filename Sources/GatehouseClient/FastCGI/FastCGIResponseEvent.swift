/// What the application's records say, in their order.
public enum FastCGIResponseEvent: Sendable, Equatable {
    /// Bytes of FCGI_STDOUT: the response's head and body.
    case output([UInt8], id: UInt16)
    case outputEnded(id: UInt16)
    /// Bytes of FCGI_STDERR: messages for the front server's log.
    case error([UInt8], id: UInt16)
    case errorEnded(id: UInt16)
    /// FCGI_END_REQUEST.
    case ended(id: UInt16, applicationStatus: UInt32, protocolStatus: UInt8)
    /// FCGI_GET_VALUES_RESULT.
    case values([ClientParameter])
    /// FCGI_UNKNOWN_TYPE: the application does not know this management record.
    case unknownType(UInt8)
}
