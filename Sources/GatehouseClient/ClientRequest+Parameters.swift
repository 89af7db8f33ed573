import GatehouseWire

extension ClientRequest {
    /// The CGI variables of the request, in the order of nginx's `fastcgi_params`, then the headers as `HTTP_*`, then
    /// the extra ones. As with nginx, variables without a value are sent empty, `Content-Type` and `Content-Length`
    /// come twice (as a variable and as a header), and a header given twice becomes one value (RFC 9110, section 5.3).
    ///
    /// An authorizer gets the variables that FastCGI 1.0, section 6.3 leaves it: no `CONTENT_LENGTH`,
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

    /// The variables that come from the request line and the body.
    private var requestVariables: [ClientParameter] {
        // Bytes and not characters: a question mark and a combining mark after it are one character.
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

    /// The variables that come from the client's connection, which here is a made-up one on this machine.
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

    /// The variables that come from headers (RFC 3875, section 4.1.18). Names that differ in case, or in dashes and
    /// underscores, give one variable.
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

    /// The header if one was given, so that a test can send a false length; else the body's length, if there may be a
    /// body.
    private var contentLength: String? {
        if let given = header("Content-Length") { return given }
        return body.isEmpty && ["GET", "HEAD", "DELETE", "OPTIONS"].contains(method) ? nil : String(body.count)
    }

    private func header(_ name: String) -> String? {
        headers.first { $0.isNamed(name) }?.value
    }

    /// The path with `%` and two hexadecimal digits decoded; any other `%` stays. nginx would also resolve dot
    /// segments. Here they stay, to show how a handler treats them: behind other front servers it gets them.
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

    /// The byte of a variable's name for one of a header's: `_` for `-`, and upper case for an ASCII letter.
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

/// The two parts of `Host` (RFC 9110, section 7.2): `example.org:8080`, `[::1]:8080`, `example.org`.
struct Authority: Equatable {
    var host: String
    var port: String?

    init(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), text.last != "]", !text[..<colon].contains(":") || text.first == "["
        else {
            host = text
            return
        }
        host = String(text[..<colon])
        port = String(text[text.index(after: colon)...])
    }
}
