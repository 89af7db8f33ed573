/// The protocol that a peer speaks in place of an endpoint's, by the first byte of its connection. It is for a line of
/// the log: a front server that has been set up for another protocol is the most frequent violation of all.
enum ForeignProtocol {
    /// A question and the endpoint's own protocol, to go behind the detail of a violation; empty for a byte with which
    /// no protocol begins that a front server knows.
    /// - Parameter own: the endpoint's protocol, as configurations write it.
    static func hint(_ byte: UInt8, at own: String) -> String {
        guard let spoken = spoken(byte) else { return "" }
        return ": does the \(spoken)? this endpoint is \(own):"
    }

    private static func spoken(_ byte: UInt8) -> String? {
        switch byte {
        case 0: "front server speak uwsgi"
        case 1: "front server speak FastCGI"
        case 0x16: "front server speak TLS"
        case UInt8(ascii: "0")...UInt8(ascii: "9"): "front server speak SCGI"
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): "client speak HTTP"
        default: nil
        }
    }
}
