import GatehouseWire

extension ClientRequest {
    /// The CGI variables of the request, in the order of nginx's `fastcgi_params`, then the headers as `HTTP_*`, then
    /// the extra ones. As with nginx, variables without a value are sent empty, `Content-Type` and `Content-Length`
    /// come twice (as a variable and as a header), and a header given twice becomes one value (RFC 9110, section 5.3).
    ///
    /// For an authorizer the variables are those that FastCGI 1.0, section 6.3 leaves: no `CONTENT_LENGTH`,
    /// `PATH_INFO`, `PATH_TRANSLATED` or `SCRIPT_NAME`.
    public var parameters: [ClientParameter] {
        var all = requestVariables + connectionVariables + headerVariables
        if role == .authorizer {
            let hidden = ["CONTENT_LENGTH", "SCRIPT_NAME"].map { Array($0.utf8) }
            all.removeAll { hidden.contains($0.name) }
            all.append(ClientParameter("FCGI_ROLE", "AUTHORIZER"))
        }
        let replaced = Set(extraParameters.map(\.name))
        all.removeAll { replaced.contains($0.name) }
        return all + extraParameters
    }

    /// What comes from the request line and the body.
    private var requestVariables: [ClientParameter] {
        // Bytes, here as everywhere: a question mark and a combining mark after it are one character.
        let path = Self.percentDecoded(Array(target.utf8.prefix { $0 != UInt8(ascii: "?") }))
        let query = Array(target.utf8.drop { $0 != UInt8(ascii: "?") }.dropFirst())
        return [
            ClientParameter(name: Array("QUERY_STRING".utf8), value: query),
            ClientParameter("REQUEST_METHOD", method),
            ClientParameter("CONTENT_TYPE", header("Content-Type") ?? ""),
            ClientParameter("CONTENT_LENGTH", contentLength ?? ""),
            ClientParameter(name: Array("SCRIPT_NAME".utf8), value: path),
            ClientParameter("REQUEST_URI", target),
            ClientParameter(name: Array("DOCUMENT_URI".utf8), value: path),
            ClientParameter("DOCUMENT_ROOT", "/var/www/html"),
            ClientParameter("SERVER_PROTOCOL", "HTTP/1.1"),
            ClientParameter("REQUEST_SCHEME", "http"),
        ]
    }

    /// What comes from the client's connection, which here is a made-up one on this machine.
    private var connectionVariables: [ClientParameter] {
        let authority = Authority(header("Host") ?? "localhost")
        return [
            ClientParameter("GATEWAY_INTERFACE", "CGI/1.1"),
            ClientParameter("SERVER_SOFTWARE", "gatehouse"),
            ClientParameter("REMOTE_ADDR", "127.0.0.1"),
            ClientParameter("REMOTE_PORT", "40000"),
            ClientParameter("REMOTE_USER", ""),
            ClientParameter("SERVER_ADDR", "127.0.0.1"),
            ClientParameter("SERVER_PORT", authority.port ?? "80"),
            ClientParameter("SERVER_NAME", authority.host),
            ClientParameter("REDIRECT_STATUS", "200"),
        ]
    }

    /// RFC 3875, section 4.1.18. A name in any case and with any dashes gives one variable.
    private var headerVariables: [ClientParameter] {
        var variables: [(name: String, value: String)] = []
        let host = header("Host") == nil ? [ClientHeader("Host", "localhost")] : []
        let length = contentLength.map { [ClientHeader("Content-Length", $0)] } ?? []
        let sent = host + headers + (header("Content-Length") == nil ? length : [])
        for header in sent {
            let name = "HTTP_" + String(decoding: header.name.utf8.map(Self.variableByte), as: UTF8.self)
            if let index = variables.firstIndex(where: { $0.name == name }) {
                variables[index].value += (name == "HTTP_COOKIE" ? "; " : ", ") + header.value
            } else {
                variables.append((name, header.value))
            }
        }
        return variables.map { ClientParameter($0.name, $0.value) }
    }

    /// The header that was given, so that a test can lie; else the body's length, where there is a body.
    private var contentLength: String? {
        if let given = header("Content-Length") { return given }
        return body.isEmpty && ["GET", "HEAD", "DELETE", "OPTIONS"].contains(method) ? nil : String(body.count)
    }

    private func header(_ name: String) -> String? {
        headers.first { $0.isNamed(name) }?.value
    }

    /// Bytes after `%` and two hexadecimal digits; what only looks like it stays. Dot segments stay too, which nginx
    /// would resolve: a handler behind another front server sees them, so a look at it should.
    private static func percentDecoded(_ bytes: [UInt8]) -> [UInt8] {
        var decoded: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
                let high = hexadecimal(bytes[index + 1]), let low = hexadecimal(bytes[index + 2])
            {
                decoded.append(high << 4 | low)
                index += 3
            } else {
                decoded.append(bytes[index])
                index += 1
            }
        }
        return decoded
    }

    /// `-` to `_`, and ASCII letters to upper case.
    private static func variableByte(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "-"): UInt8(ascii: "_")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte & 0xdf
        default: byte
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        Character(Unicode.Scalar(byte)).hexDigitValue.map { UInt8($0) }
    }
}
