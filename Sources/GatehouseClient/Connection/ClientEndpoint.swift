/// Where an application listens and what it speaks there: `fastcgi:/run/gatehouse/app.sock`, `scgi:127.0.0.1:4000`.
public struct ClientEndpoint: Sendable, Hashable, CustomStringConvertible {
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

    public var description: String {
        switch address {
        case .unix(let path): "\(dialect.rawValue):\(path)"
        case .tcp(let host, let port):
            "\(dialect.rawValue):\(host.contains(":") ? "[\(host)]" : host):\(port)"
        }
    }
}
