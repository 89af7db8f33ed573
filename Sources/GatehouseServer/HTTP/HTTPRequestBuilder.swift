package import GatehouseWire
package import HTTPTypes

/// Makes the request that a handler sees out of the variables that the front server sent.
package enum HTTPRequestBuilder {
    /// - Parameter target: the path as the module sees it, with the query.
    /// - Throws: where the method is none that HTTP allows.
    package static func make(
        _ cgi: CGIRequest, target: String, parameters: GatewayVariables, names: inout HeaderNameCache
    ) throws(BadRequest) -> HTTPRequest {
        guard let method = HTTPRequest.Method(cgi.method) else {
            throw BadRequest(httpStatus: 400, reason: "the request method is no HTTP token")
        }
        var fields = HTTPFields()
        // Fields of 64 bytes: one more would be over the kilobyte at which malloc's cache for each thread ends.
        fields.reserveCapacity(15)
        names.beginRequest()
        parameters.forEachHeader { name, value in
            append(name, value, to: &fields, names: &names)
        }
        if let type = cgi.contentType { fields.append(HTTPField(name: .contentType, value: type)) }
        if let length = cgi.contentLength, !fields.contains(where: { $0.name == .transferEncoding }) {
            fields.append(HTTPField(name: .contentLength, value: String(length)))
        }
        return HTTPRequest(
            method: method, scheme: cgi.scheme, authority: cgi.authority, path: target, headerFields: fields)
    }

    /// A header that comes in several lines becomes one, as front servers that join them do it (RFC 9110, section 5.3).
    private static func append(
        _ name: Span<UInt8>, _ value: Span<UInt8>, to fields: inout HTTPFields, names: inout HeaderNameCache
    ) {
        guard let (header, earlier) = names.look(up: name, position: fields.count) else { return }
        let field = header.field(value)
        if let earlier, fields.indices.contains(earlier), fields[earlier].name == field.name {
            let separator = field.name == .cookie ? "; " : ", "
            fields[earlier] = HTTPField(name: field.name, value: fields[earlier].value + separator + field.value)
        } else {
            fields.append(field)
        }
    }
}
