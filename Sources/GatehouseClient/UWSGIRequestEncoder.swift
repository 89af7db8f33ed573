/// Writes a front server's side of uwsgi: a packet of names and values, each after its length, then the body. All
/// lengths have two bytes and are little-endian.
///
///     +---+-------+---+------------+------+-------------+-------+---+------+
///     | 0 | size  | 0 | nameLength | name | valueLength | value | … | body |
///     +---+-------+---+------------+------+-------------+-------+---+------+
public enum UWSGIRequestEncoder {
    /// The most bytes that a packet's variables and their lengths can take.
    public static let maximumLength = Int(UInt16.max)

    /// Appends the whole request, with modifiers 0.
    /// - Throws: if its variables are more than a packet holds. Nothing is appended then.
    public static func append(_ request: ClientRequest, to output: inout [UInt8]) throws(GatewayClientError) {
        try append(request.parameters, body: request.body, to: &output)
    }

    /// Appends a request of exactly these parameters, with modifiers 0.
    /// - Throws: if they are more than a packet holds. Nothing is appended then.
    public static func append(
        _ parameters: [ClientParameter], body: [UInt8], to output: inout [UInt8]
    ) throws(GatewayClientError) {
        let size = parameters.reduce(0) { $0 + 4 + $1.name.count + $1.value.count }
        guard size <= maximumLength else {
            throw GatewayClientError(
                .usage, "the request's variables take \(size) bytes, and a uwsgi packet has \(maximumLength) at most")
        }
        output.append(0)
        appendLength(size, to: &output)
        output.append(0)
        for parameter in parameters {
            appendLength(parameter.name.count, to: &output)
            output += parameter.name
            appendLength(parameter.value.count, to: &output)
            output += parameter.value
        }
        output += body
    }

    private static func appendLength(_ length: Int, to output: inout [UInt8]) {
        output.append(UInt8(truncatingIfNeeded: length))
        output.append(UInt8(truncatingIfNeeded: length >> 8))
    }
}
