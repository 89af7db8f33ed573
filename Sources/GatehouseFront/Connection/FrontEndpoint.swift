/// Where an application listens and what it speaks there: `fastcgi:/run/gatehouse/app.sock`, `scgi:127.0.0.1:4000`.
public struct FrontEndpoint: Sendable, Hashable, CustomStringConvertible {
    public enum Dialect: String, Sendable {
        case fastCGI = "fastcgi"
        case scgi
    }

    public enum Address: Sendable, Hashable {
        case unix(path: String)
        case tcp(host: String, port: UInt16)
    }

    public var dialect: Dialect
    public var address: Address

    public init(_ dialect: Dialect, _ address: Address) {
        self.dialect = dialect
        self.address = address
    }

    /// Reads an endpoint as operators write it. An IPv6 address stands in brackets: `fastcgi:[::1]:9000`.
    public init(_ text: String) throws(FrontError) {
        let usage = "an endpoint is fastcgi:/path.sock, scgi:/path.sock, fastcgi:HOST:PORT or scgi:HOST:PORT"
        guard let colon = text.firstIndex(of: ":"), let dialect = Dialect(rawValue: String(text[..<colon])) else {
            throw FrontError(.usage, "\(text): \(usage)")
        }
        let rest = String(text[text.index(after: colon)...])
        self.dialect = dialect
        if rest.hasPrefix("/") || rest.hasPrefix("./") || rest.hasPrefix("../") {
            address = .unix(path: rest)
            return
        }
        let authority = Authority(rest)
        guard let port = authority.port.flatMap({ UInt16($0) }), port != 0, !authority.host.isEmpty else {
            throw FrontError(.usage, "\(text): \(usage)")
        }
        let host = authority.host.hasPrefix("[") ? String(authority.host.dropFirst().dropLast()) : authority.host
        address = .tcp(host: host, port: port)
    }

    public var description: String {
        switch address {
        case .unix(let path): "\(dialect.rawValue):\(path)"
        case .tcp(let host, let port):
            "\(dialect.rawValue):\(host.contains(":") ? "[\(host)]" : host):\(port)"
        }
    }
}
