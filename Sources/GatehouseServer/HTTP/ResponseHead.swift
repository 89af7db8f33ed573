package import GatehouseWire
import HTTPTypes
package import HummingbirdCore

/// Writes a response's head as CGI wants it (RFC 3875, section 6).
package enum ResponseHead {
    /// Headers that speak of the client's connection, which is the front server's business. Most names are told from
    /// these by their length.
    private static func isHopByHop(_ name: String) -> Bool {
        switch name.utf8.count {
        case 7: name == "upgrade"
        case 10: name == "connection" || name == "keep-alive"
        case 17: name == "transfer-encoding"
        default: false
        }
    }

    /// - Returns: the length that the head announces.
    /// - Throws: where a header could not be sent without letting the handler's data forge others. Nothing of the
    ///   head may be sent then.
    package static func append(_ response: Response, to head: inout [UInt8]) throws(ResponseHeadError) -> Int? {
        let status = response.status
        try ResponseHeadEncoder.appendStatus(status.code, reason: status.reasonPhrase, to: &head)
        let hasNoBody = status.code == 204 || status.code == 304
        var declared: Int?
        for field in response.headers {
            let name = field.name.canonicalName
            if isHopByHop(name) { continue }
            // Hummingbird announces the length 0 of every empty body, which would be a lie in these two.
            if name.utf8.count == 14, name == "content-length" {
                if hasNoBody { continue }
                declared = Int(field.value)
            }
            try ResponseHeadEncoder.appendField(token: field.name.rawName, value: field.value, to: &head)
        }
        ResponseHeadEncoder.appendEnd(to: &head)
        return declared
    }
}
