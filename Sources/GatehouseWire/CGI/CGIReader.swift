/// Reads a request's parts from the variables' values. `+Target` has the path and the query.
struct CGIReader {
    typealias Position = CGIVariables.Position

    let bytes: UnsafeBufferPointer<UInt8>
    let entries: UnsafeBufferPointer<GatewayVariables.Entry>
    let variables: CGIVariables

    /// All parts of the request line. If several are wrong, the first in this order is thrown.
    /// - Parameters:
    ///   - targetLimit: the most bytes that path and query may have.
    ///   - knownHost: the last request's, and then this one's.
    func request(targetLimit: Int, knownHost: inout KnownHost) throws(BadRequest) -> CGIRequest {
        let method = try method()
        let authority = try authority(&knownHost)
        let target = try target(isOptions: method == "OPTIONS", limit: targetLimit)
        let contentLength = try contentLength()
        return CGIRequest(
            method: method, scheme: isSecure ? "https" : "http", authority: authority, target: target,
            contentLength: contentLength, contentType: text(variables.contentType), isFromNginx: isNginx)
    }

    /// The value's bytes; empty if there is no such variable.
    func value(_ position: Position) -> UnsafeBufferPointer<UInt8> {
        guard position >= 0 else { return UnsafeBufferPointer(start: nil, count: 0) }
        // Release builds do not bounds-check `UnsafeBufferPointer`, so we do.
        precondition(position < entries.count, "the variables are those of other parameters")
        let entry = entries[Int(position)]
        let end = Int(entry.value) + Int(entry.valueLength)
        precondition(end <= bytes.count, "the variables are those of other parameters")
        return UnsafeBufferPointer(rebasing: bytes[Int(entry.value)..<end])
    }

    /// The value; `nil` if there is none or it is empty.
    func text(_ position: Position) -> String? {
        let value = value(position)
        return value.isEmpty ? nil : String(decoding: value, as: UTF8.self)
    }

    /// Any token is a method; the router decides which of them mean something.
    func method() throws(BadRequest) -> String {
        let value = value(variables.requestMethod)
        // Nearly every request has this one, and a literal is made faster than a string from bytes.
        if isExactly(value, "GET") { return "GET" }
        guard Token.isToken(UnsafeRawBufferPointer(value)) else {
            throw BadRequest(
                reason: value.isEmpty
                    ? "no REQUEST_METHOD: the front server sends no parameters (nginx: include fastcgi_params, "
                        + "uwsgi_params or scgi_params)"
                    : "REQUEST_METHOD is not a token")
        }
        return String(decoding: value, as: UTF8.self)
    }

    /// The rule of `GatewayVariables.isSecure`, which is written down there.
    var isSecure: Bool {
        let https = value(variables.https)
        if https.isEmpty { return isText(value(variables.requestScheme), "https") }
        return isText(https, "on") || isExactly(https, "1")
    }

    /// Whether a value is exactly this text: `elementsEqual` without its iterators.
    private func isExactly(_ value: UnsafeBufferPointer<UInt8>, _ text: StaticString) -> Bool {
        guard value.count == text.utf8CodeUnitCount else { return false }
        for index in 0..<value.count where value[index] != text.utf8Start[index] { return false }
        return true
    }

    /// Whether a value is a text of letters, in any case.
    private func isText(_ value: UnsafeBufferPointer<UInt8>, _ text: StaticString) -> Bool {
        guard value.count == text.utf8CodeUnitCount else { return false }
        for index in 0..<value.count where value[index] | 0x20 != text.utf8Start[index] | 0x20 { return false }
        return true
    }

    func authority(_ known: inout KnownHost) throws(BadRequest) -> String? {
        let host = value(variables.host)
        if !host.isEmpty {
            if let authority = known.authority(of: host) { return authority }
            try requireAuthority(host, "HTTP_HOST")
            let authority = String(decoding: host, as: UTF8.self)
            known.remember(host, as: authority)
            return authority
        }
        let name = value(variables.serverName)
        if name.isEmpty { return nil }
        try requireAuthority(name, "SERVER_NAME")
        // An IPv6 address has no brackets in SERVER_NAME, and has them in an authority (RFC 3986, section 3.2.2).
        let isBareAddress = name.contains(UInt8(ascii: ":")) && name.first != UInt8(ascii: "[")
        let text = String(decoding: name, as: UTF8.self)
        return (isBareAddress ? "[\(text)]" : text) + portSuffix
    }

    /// A colon and SERVER_PORT; empty if that is no number or the scheme's own port.
    private var portSuffix: String {
        guard let port = GatewayVariables.number(value(variables.serverPort)), (1...65_535).contains(port),
            port != (isSecure ? 443 : 80)
        else { return "" }
        return ":\(port)"
    }

    /// Refuses controls, spaces, and the bytes that would end an authority within a URI (RFC 3986, section 3.2), for
    /// handlers make URIs with it.
    private func requireAuthority(_ value: UnsafeBufferPointer<UInt8>, _ name: StaticString) throws(BadRequest) {
        for byte in value {
            switch byte {
            case 0...0x20, 0x7f...0xff, UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "@"),
                UInt8(ascii: "\\"):
                throw BadRequest(reason: "byte \(byte) in \(name)")
            default: continue
            }
        }
    }

    func contentLength() throws(BadRequest) -> Int? {
        if variables.contentLengthsDiffer { throw BadRequest(reason: "two CONTENT_LENGTH that differ") }
        let value = value(variables.contentLength)
        if value.isEmpty { return nil }
        // Caddy sends -1 if the client sent chunks. The decoders of SCGI and uwsgi have refused such a head already,
        // because only the length ends their bodies.
        if isExactly(value, "-1") { return nil }
        guard let length = GatewayVariables.number(value) else {
            throw BadRequest(reason: "CONTENT_LENGTH is not a number")
        }
        return length
    }
}
