/// Writes a front server's side of SCGI: a netstring of names and values, each ended by NUL, then the body.
///
///     +------+-----+------------------+-----+------+-----+--------+-----+-----+-----+---+-----+------+
///     | "70" | ":" | "CONTENT_LENGTH" | NUL | "27" | NUL | "SCGI" | NUL | "1" | NUL | … | "," | body |
///     +------+-----+------------------+-----+------+-----+--------+-----+-----+-----+---+-----+------+
///
/// `CONTENT_LENGTH` is always there and comes first; `SCGI` with the value `1` may stand anywhere after it.
public enum SCGIRequestEncoder {
    /// Appends the whole request. If the extra parameters have `CONTENT_LENGTH` or `SCGI`, theirs are sent.
    public static func append(_ request: ClientRequest, to output: inout [UInt8]) {
        append(request.parameters, body: request.body, to: &output)
    }

    /// Appends a request of these parameters. `CONTENT_LENGTH` and `SCGI` are added if they are missing.
    public static func append(_ parameters: [ClientParameter], body: [UInt8], to output: inout [UInt8]) {
        let lengthName = Array("CONTENT_LENGTH".utf8)
        let versionName = Array("SCGI".utf8)
        var length = Array(String(body.count).utf8)
        if let given = parameters.last(where: { $0.name == lengthName })?.value, !given.isEmpty { length = given }
        var header: [UInt8] = []
        append(ClientParameter(name: lengthName, value: length), to: &header)
        if !parameters.contains(where: { $0.name == versionName }) { append(ClientParameter("SCGI", "1"), to: &header) }
        for parameter in parameters where parameter.name != lengthName { append(parameter, to: &header) }
        output += "\(header.count):".utf8
        output += header
        output.append(UInt8(ascii: ","))
        output += body
    }

    private static func append(_ parameter: ClientParameter, to header: inout [UInt8]) {
        header += parameter.name
        header.append(0)
        header += parameter.value
        header.append(0)
    }
}
