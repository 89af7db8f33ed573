package import GatehouseWire
import HTTPTypes
package import HummingbirdCore

/// Writes a response's head as CGI wants it (RFC 3875, section 6).
package enum ResponseHead {
    /// Headers that speak of the client's connection, which is the front server's business.
    private static func isHopByHop(_ name: HTTPField.Name) -> Bool {
        switch name.canonicalName {
        case "connection", "keep-alive", "transfer-encoding", "upgrade": true
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
            if isHopByHop(field.name) { continue }
            // Hummingbird announces the length 0 of every empty body, which would be a lie in these two.
            if field.name == .contentLength {
                if hasNoBody { continue }
                declared = Int(field.value)
            }
            try ResponseHeadEncoder.appendField(token: field.name.rawName, value: field.value, to: &head)
        }
        ResponseHeadEncoder.appendEnd(to: &head)
        return declared
    }
}
