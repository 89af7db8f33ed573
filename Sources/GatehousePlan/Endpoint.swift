/// A place to listen on and the protocol spoken there, as an operator writes it:
///
/// ```
/// fastcgi:/run/gatehouse/web.sock    a Unix socket; unix: may stand before the path
/// scgi:127.0.0.1:9000                TCP; [::1]:9000 for IPv6
/// fastcgi:stdin                      the listening socket that the parent process passed as descriptor 0
/// fastcgi:systemd:web                the listening sockets of a systemd unit with FileDescriptorName=web
/// http:/run/gatehouse/django.sock    for the program of a program pool
/// ```
///
/// This is the only grammar: `listen` in a configuration, `--listen` of `serve`, `check` and `swift run`, and `--via`
/// of `request` are all read by it. A relative path is relative to the current directory, for every one of them.
public struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    /// The protocol of an endpoint: one that workers speak, or one that only programs speak.
    public enum Scheme: Hashable, Sendable, CaseIterable, RawRepresentable {
        case gateway(GatewayProtocol)
        case program(ProgramProtocol)

        public static let fastCGI = Scheme.gateway(.fastCGI)
        public static let scgi = Scheme.gateway(.scgi)
        public static let uwsgi = Scheme.gateway(.uwsgi)
        public static let http = Scheme.program(.http)

        /// The gateway protocols, and then those of programs.
        public static let allCases: [Scheme] =
            GatewayProtocol.allCases.map(Scheme.gateway) + ProgramProtocol.allCases.map(Scheme.program)

        public init?(rawValue: String) {
            if let spoken = GatewayProtocol(rawValue: rawValue) {
                self = .gateway(spoken)
            } else if let spoken = ProgramProtocol(rawValue: rawValue) {
                self = .program(spoken)
            } else {
                return nil
            }
        }

        public var rawValue: String {
            switch self {
            case .gateway(let spoken): spoken.rawValue
            case .program(let spoken): spoken.rawValue
            }
        }
    }

    /// A place to listen on.
    public enum Address: Hashable, Sendable {
        /// A Unix socket with this path, which may be relative to the current directory.
        case unix(path: String)
        /// TCP. `host` is an address or a name; without brackets if it is IPv6.
        case tcp(host: String, port: UInt16)
        /// The listening socket on descriptor 0, as lighttpd, mod_fcgid and spawn-fcgi start a program.
        case standardInput
        /// The listening sockets that systemd passes under this name (FileDescriptorName=,
        /// sd_listen_fds_with_names(3)).
        case systemd(name: String)
    }

    /// The reason why a text is no endpoint, with what to write instead.
    public struct Malformed: Error, Equatable {
        public let message: String
        init(_ message: String) { self.message = message }
    }

    public var scheme: Scheme
    public var address: Address

    public init(_ scheme: Scheme, _ address: Address) {
        self.scheme = scheme
        self.address = address
    }

    /// The protocol in which a worker serves it; `nil` if only a program can.
    public var gatewayProtocol: GatewayProtocol? {
        if case .gateway(let spoken) = scheme { spoken } else { nil }
    }

    /// Whether other machines may be able to reach it; TCP knows no users.
    public var isTCP: Bool {
        if case .tcp = address { true } else { false }
    }

    /// The longest path that a Unix socket can have: `sun_path` has 108 bytes and ends with a NUL (unix(7)).
    public static let longestSocketPath = 107

    /// The longest name in LISTEN_FDNAMES (systemd.socket(5), FileDescriptorName=).
    public static let longestSystemdName = 255

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

// MARK: Uses that some endpoints are not fit for

extension Endpoint {
    /// The reason why workers that run modules cannot serve it; `nil` if they can.
    public var moduleProblem: String? {
        guard case .program(let spoken) = scheme else { return nil }
        return "endpoint \"\(self)\": modules are served by \(GatewayProtocol.choices(between: "and")); "
            + "\(spoken.rawValue): is for a pool with a \"command\""
    }

    /// The reason why `gatehouse request`, which plays the front server, cannot connect to it; `nil` if it can.
    public var clientProblem: String? {
        guard case .gateway = scheme else {
            return "endpoint \"\(self)\": a request is sent by \(GatewayProtocol.choices()); a program that speaks "
                + "\(scheme.rawValue) has clients of its own, such as curl --unix-socket for http"
        }
        switch address {
        case .unix, .tcp: return nil
        case .standardInput, .systemd:
            return "endpoint \"\(self)\" cannot be connected to: write the path or the address that it listens on, "
                + "such as \(scheme.rawValue):/run/gatehouse/web.sock"
        }
    }
}

// MARK: The grammar

extension Endpoint {
    /// Reads `PROTOCOL:ADDRESS`.
    public init(parsing text: String) throws(Malformed) {
        guard let colon = text.firstIndex(of: ":") else {
            let address = text.hasPrefix("/") ? text : "/run/gatehouse/web.sock"
            throw Malformed("endpoint \"\(text)\" names no protocol: write \(GatewayProtocol.choices(address))")
        }
        let word = String(text[..<colon])
        guard word != "systemd" else {
            throw Malformed("endpoint \"\(text)\" names no protocol: write \(GatewayProtocol.choices(text))")
        }
        guard let scheme = Scheme(rawValue: word) else {
            let programs = ProgramProtocol.allCases.map { "\($0.rawValue):" }.joined(separator: " or ")
            throw Malformed(
                "endpoint \"\(text)\": \"\(word)\" is not a protocol: write \(GatewayProtocol.choices()), and for a "
                    + "program also \(programs)")
        }
        self.init(scheme, try Self.parseAddress(String(text[text.index(after: colon)...]), of: text))
    }

    private static func parseAddress(_ text: String, of endpoint: String) throws(Malformed) -> Address {
        if text.isEmpty {
            throw Malformed("endpoint \"\(endpoint)\" has no address: write a path or host:port after the colon")
        }
        // As in uwsgi://127.0.0.1:9000: with its slashes it would be a file in the root folder.
        let address = text.hasPrefix("unix:") ? text.dropFirst(5) : text[...]
        if address.hasPrefix("//") {
            let rest = address.dropFirst(2)
            throw Malformed(
                "endpoint \"\(endpoint)\" is written like a URL: write \(endpoint.prefix { $0 != ":" }):\(rest)")
        }
        if text.hasPrefix("systemd:") { return try systemdName(String(text.dropFirst(8)), of: endpoint) }
        // The name of an abstract socket begins with a NUL byte. It has no permissions: any user could connect.
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
        // No host:port has a slash, so a socket in the current directory is written ./web.sock.
        return text.contains("/") ? try socketPath(text, of: endpoint) : try hostAndPort(text, of: endpoint)
    }

    /// Accepts what systemd accepts as a name, so that no endpoint waits for one that cannot come (fdname_is_valid: no
    /// control characters, nothing beyond ASCII, no colon, which separates names in LISTEN_FDNAMES).
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
            throw Malformed("endpoint \"\(endpoint)\": \"\(path)\" is not the path of a socket file")
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
            throw Malformed("endpoint \"\(endpoint)\": \"\(digits)\" is not a port: write a number from 1 to 65535")
        }
        return .tcp(host: host, port: port)
    }
}
