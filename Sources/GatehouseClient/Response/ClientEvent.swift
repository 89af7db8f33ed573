/// What a front server learns of a response, as it comes.
public enum ClientEvent: Sendable, Equatable {
    case head(ClientResponseHead)
    case body([UInt8])
    /// FCGI_STDERR.
    case diagnostics([UInt8])
    /// FCGI_END_REQUEST; over SCGI, the connection's end, with zeros.
    case ended(applicationStatus: UInt32, protocolStatus: UInt8)
}
