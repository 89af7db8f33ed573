package import GatehouseWire
import HTTPTypes
package import HummingbirdCore

/// Writes a response's head in the form of CGI (RFC 3875, section 6), or with the status line of HTTP.
package enum ResponseHead {
    /// Headers that are more than text to be passed on.
    private enum Meaning {
        /// Describes the client's connection, which is the front server's business.
        case hopByHop
        case contentLength
    }

    /// The meaning of a header, if it has one; the length alone excludes most names.
    @inline(__always)
    private static func meaning(of name: HTTPField.Name) -> Meaning? {
        switch name.rawName.utf8.count {
        case 7: name.canonicalName == "upgrade" ? .hopByHop : nil
        case 10: name.canonicalName == "connection" || name.canonicalName == "keep-alive" ? .hopByHop : nil
        case 14: name.canonicalName == "content-length" ? .contentLength : nil
        case 17: name.canonicalName == "transfer-encoding" ? .hopByHop : nil
        default: nil
        }
    }

    /// - Returns: the length that the head announces; `nil` for none.
    /// - Throws: if a header would let the handler's data forge others. Nothing of the head may be sent then.
    package static func append(
        _ response: Response, as line: StatusLine, to head: inout [UInt8]
    ) throws(ResponseHeadError) -> Int? {
        let status = response.status
        try ResponseHeadEncoder.appendStatus(status.code, reason: status.reasonPhrase, as: line, to: &head)
        let hasNoBody = status.code == 204 || status.code == 304
        var declared: Int?
        let fields = response.headers
        // By index, because a loop over the fields copies each as a whole.
        for index in fields.indices {
            switch meaning(of: fields[index].name) {
            case .hopByHop: continue
            // Hummingbird announces the length 0 of every empty body, which would be a lie in these two.
            case .contentLength where hasNoBody: continue
            case .contentLength: declared = Int(fields[index].value)
            case nil: break
            }
            try ResponseHeadEncoder.appendField(
                token: fields[index].name.rawName, value: fields[index].value, to: &head)
        }
        ResponseHeadEncoder.appendEnd(to: &head)
        return declared
    }
}
