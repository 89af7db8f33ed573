/// Reads the variables' values. The path has a file of its own.
struct CGIReader {
    typealias Entry = GatewayVariables.Entry

    let bytes: UnsafeBufferPointer<UInt8>
    let variables: CGIVariables
    /// The most bytes that path and query may have.
    var targetLimit = Int.max

    /// All that makes the request line. Of what is wrong, the first in this order is thrown.
    func request() throws(BadRequest) -> CGIRequest {
        let method = try method()
        let authority = try authority()
        let target = try target(isOptions: method == "OPTIONS")
        let contentLength = try contentLength()
        return CGIRequest(
            method: method, scheme: isSecure ? "https" : "http", authority: authority, target: target,
            contentLength: contentLength, contentType: text(variables.contentType))
    }

    /// The value's bytes; empty where there is no such variable.
    func value(_ entry: Entry?) -> UnsafeBufferPointer<UInt8> {
        guard let entry else { return UnsafeBufferPointer(start: nil, count: 0) }
        let end = Int(entry.value) + Int(entry.valueLength)
        // Of a release build's slices nobody else checks this.
        precondition(end <= bytes.count, "the variables are those of other parameters")
        return UnsafeBufferPointer(rebasing: bytes[Int(entry.value)..<end])
    }

    /// The value, where there is one and it is not empty.
    func text(_ entry: Entry?) -> String? {
        let value = value(entry)
        return value.isEmpty ? nil : String(decoding: value, as: UTF8.self)
    }

    /// Any token is a method; which of them mean something is the router's to say.
    func method() throws(BadRequest) -> String {
        let value = value(variables.requestMethod)
        // Nearly all are, and a literal is made faster than a string of bytes.
        if isExactly(value, "GET") { return "GET" }
        guard Token.isToken(UnsafeRawBufferPointer(value)) else {
            throw BadRequest(reason: value.isEmpty ? "no REQUEST_METHOD" : "REQUEST_METHOD is no token")
        }
        return String(decoding: value, as: UTF8.self)
    }

    /// The rule of `GatewayVariables.isSecure`, which is written down there.
    var isSecure: Bool {
        let https = value(variables.https)
        if https.isEmpty { return isText(value(variables.requestScheme), "https") }
        return isText(https, "on") || isExactly(https, "1")
    }

    /// As `elementsEqual` does it, without its iterators.
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

    func authority() throws(BadRequest) -> String? {
        let host = value(variables.host)
        if !host.isEmpty {
            try requireAuthority(host, "HTTP_HOST")
            return String(decoding: host, as: UTF8.self)
        }
        let name = value(variables.serverName)
        if name.isEmpty { return nil }
        try requireAuthority(name, "SERVER_NAME")
        // An IPv6 address stands bare in SERVER_NAME, and in brackets in an authority (RFC 3986, section 3.2.2).
        let isBareAddress = name.contains(UInt8(ascii: ":")) && name.first != UInt8(ascii: "[")
        let text = String(decoding: name, as: UTF8.self)
        return (isBareAddress ? "[\(text)]" : text) + portSuffix
    }

    /// Empty where SERVER_PORT is no number or the scheme's own.
    private var portSuffix: String {
        guard let entry = variables.serverPort, let port = GatewayVariables.number(entry, in: bytes),
            (1...65_535).contains(port), port != (isSecure ? 443 : 80)
        else { return "" }
        return ":\(port)"
    }

    /// Controls, space, and what would end an authority within a URI (RFC 3986, section 3.2), in which handlers put it.
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
        guard let entry = variables.contentLength else { return nil }
        // Caddy says so where the client sent chunks. Over SCGI, where nothing else ends a body, the head was refused.
        if isExactly(value(entry), "-1") { return nil }
        guard let length = GatewayVariables.number(entry, in: bytes) else {
            throw BadRequest(reason: "CONTENT_LENGTH is no number")
        }
        return length
    }
}
