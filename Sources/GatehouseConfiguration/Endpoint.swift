public import GatehousePlan

/// Where and in which protocol a pool listens, as an operator writes it:
///
/// ```
/// fastcgi:/run/gatehouse/web.sock    a Unix socket
/// scgi:127.0.0.1:9000                TCP; [::1]:9000 for IPv6
/// fastcgi:stdin                      the listening socket that the parent process passed as descriptor 0
/// fastcgi:systemd:web                the listening sockets of a systemd unit with FileDescriptorName=web
/// http:/run/gatehouse/django.sock    for the program of a program pool; uwsgi: too
/// ```
public struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    public enum Address: Hashable, Sendable {
        /// A Unix socket with this path, which may still be relative.
        case unix(path: String)
        /// TCP. `host` is an address or a name; without brackets where it is IPv6.
        case tcp(host: String, port: UInt16)
        /// The listening socket on descriptor 0, as lighttpd, mod_fcgid and spawn-fcgi start a program.
        case standardInput
        /// The listening sockets that systemd passes under this name (FileDescriptorName=,
        /// sd_listen_fds_with_names(3)).
        case systemd(name: String)
    }

    public struct Malformed: Error, Equatable {
        public let message: String
        init(_ message: String) { self.message = message }
    }

    /// What is spoken there. Workers of ours speak the first two; a program pool's program speaks any.
    public enum Scheme: String, Hashable, Sendable, CaseIterable {
        case fastcgi, scgi, uwsgi, http
    }

    public var scheme: Scheme
    public var address: Address

    public init(_ scheme: Scheme, _ address: Address) {
        self.scheme = scheme
        self.address = address
    }

    /// What a worker of ours speaks there; `nil` where it cannot.
    public var gatewayProtocol: ListenerPlan.GatewayProtocol? {
        ListenerPlan.GatewayProtocol(rawValue: scheme.rawValue)
    }

    public var isTCP: Bool {
        if case .tcp = address { true } else { false }
    }

    /// The longest path that a Unix socket can have: `sun_path` has 108 bytes and ends with a NUL (unix(7)).
    public static let longestSocketPath = 107

    /// As long as a name in LISTEN_FDNAMES can be (systemd.socket(5), FileDescriptorName=).
    public static let longestSystemdName = 255

    public init(parsing text: String) throws(Malformed) {
        guard let colon = text.firstIndex(of: ":") else {
            let address = text.hasPrefix("/") ? text : "/run/gatehouse/web.sock"
            throw Malformed("endpoint \"\(text)\" names no protocol: write fastcgi:\(address) or scgi:\(address)")
        }
        let word = String(text[..<colon])
        guard word != "systemd" else {
            throw Malformed("endpoint \"\(text)\" names no protocol: write fastcgi:\(text) or scgi:\(text)")
        }
        guard let scheme = Scheme(rawValue: word) else {
            throw Malformed(
                "endpoint \"\(text)\": \"\(word)\" is no protocol: write fastcgi: or scgi:, and for a program also "
                    + "http: or uwsgi:")
        }
        self.scheme = scheme
        self.address = try Self.parseAddress(String(text[text.index(after: colon)...]), of: text)
    }

    private static func parseAddress(_ text: String, of endpoint: String) throws(Malformed) -> Address {
        if text.isEmpty {
            throw Malformed("endpoint \"\(endpoint)\" has no address: write a path or host:port after the colon")
        }
        if text.hasPrefix("systemd:") { return try systemdName(String(text.dropFirst(8)), of: endpoint) }
        // Its name would start with a NUL byte; such sockets have no permissions, any user of the machine can connect.
        if text.hasPrefix("@") || text.utf8.contains(0) {
            throw Malformed(
                "endpoint \"\(endpoint)\": abstract sockets have no permissions and are not served: write a path")
        }
        if text == "stdin" || text == "fd:0" { return .standardInput }
        if text.hasPrefix("fd:") {
            throw Malformed(
                "endpoint \"\(endpoint)\": only descriptor 0 can be a listening socket: write fd:0 or stdin")
        }
        if text.hasPrefix("unix:") { return try socketPath(String(text.dropFirst(5)), of: endpoint) }
        // host:port has no slash; a path that has none is written with ./ in front.
        return text.contains("/") ? try socketPath(text, of: endpoint) : try hostAndPort(text, of: endpoint)
    }

    /// What systemd takes for a name, so that no endpoint waits for one that cannot come (fdname_is_valid: no control
    /// characters, nothing beyond ASCII, no colon, which separates names in LISTEN_FDNAMES).
    private static func systemdName(_ name: String, of endpoint: String) throws(Malformed) -> Address {
        let isName = name.utf8.allSatisfy { (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: ":") }
        guard !name.isEmpty, name.utf8.count <= longestSystemdName, isName else {
            throw Malformed(
                "endpoint \"\(endpoint)\": after systemd: comes a FileDescriptorName= of the socket unit, up to "
                    + "\(longestSystemdName) printable ASCII characters without a colon")
        }
        return .systemd(name: name)
    }

    private static func socketPath(_ path: String, of endpoint: String) throws(Malformed) -> Address {
        guard path.contains("/"), !path.hasSuffix("/") else {
            throw Malformed("endpoint \"\(endpoint)\": \"\(path)\" is no path of a socket file")
        }
        guard path.utf8.count <= longestSocketPath else {
            throw Malformed(
                "endpoint \"\(endpoint)\": the path has \(path.utf8.count) bytes, a socket's can have "
                    + "\(longestSocketPath)")
        }
        return .unix(path: path)
    }

    private static func hostAndPort(_ text: String, of endpoint: String) throws(Malformed) -> Address {
        guard let colon = text.lastIndex(of: ":") else {
            throw Malformed("endpoint \"\(endpoint)\": \"\(text)\" is neither a path nor host:port")
        }
        var host = String(text[..<colon])
        let digits = text[text.index(after: colon)...]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
        } else if host.contains(":") {
            throw Malformed("endpoint \"\(endpoint)\": write an IPv6 address in brackets: [\(host)]:\(digits)")
        }
        guard !host.isEmpty else {
            throw Malformed("endpoint \"\(endpoint)\" has no host: write 127.0.0.1:\(digits)")
        }
        guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let port = UInt16(digits), port > 0
        else {
            throw Malformed("endpoint \"\(endpoint)\": \"\(digits)\" is no port: write a number from 1 to 65535")
        }
        return .tcp(host: host, port: port)
    }

    public var description: String {
        switch address {
        case .unix(let path): "\(scheme.rawValue):\(path)"
        case .tcp(let host, let port):
            host.contains(":") ? "\(scheme.rawValue):[\(host)]:\(port)" : "\(scheme.rawValue):\(host):\(port)"
        case .standardInput: "\(scheme.rawValue):stdin"
        case .systemd(let name): "\(scheme.rawValue):systemd:\(name)"
        }
    }
}
