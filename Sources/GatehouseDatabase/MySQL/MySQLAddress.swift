/// The servers, the login and the options of a `mysql:` URL.
///
///     mysql://user:password@host:3306,other/database?socket=/run/mysqld/mysqld.sock&tls=verify&tls-ca=/etc/ca.pem
///
/// Everything may be percent-encoded, and a password with one of `/?#@:%` must be. Several hosts are tried in their
/// order. No host, or `localhost`, is the Unix socket, as for every MySQL client; `127.0.0.1` is TCP.
struct MySQLAddress: Sendable, Equatable {
    /// One host and port; the host is empty for the Unix socket.
    struct Server: Sendable, Equatable {
        var host = ""
        var port: UInt16 = 3306
    }

    /// The use of TLS, in words of the option `tls`. Ignored on the Unix socket.
    enum TLS: String, CaseIterable {
        /// None.
        case off
        /// If the server has it; nothing is checked.
        case preferred
        /// Always; the certificate is not checked, so whoever is between can read everything.
        case required
        /// Always, with a certificate of a known authority for the host.
        case verify
    }

    var servers: [Server] = [Server()]
    var user: String?
    var password: String?
    var database: String?
    /// A path; `nil` is the library's default.
    var socket: String?
    var tls: TLS = .preferred
    var authorities: String?
    var certificate: String?
    var key: String?

    /// Reads a URL.
    /// - Throws: `.usage` with the reason, which has nothing of the URL but an option's name.
    init(url: String) throws(DatabaseError) {
        guard let colon = url.firstRange(of: "://"),
            ["mysql", "mariadb"].contains(url[..<colon.lowerBound].lowercased())
        else { throw MySQLAddress.wrong("it does not begin with mysql:// or mariadb://") }
        var rest = url[colon.upperBound...]
        try MySQLAddress.refuseTornLogin(rest)
        var options = rest[rest.endIndex...]
        if let mark = rest.firstIndex(of: "?") {
            options = rest[rest.index(after: mark)...]
            rest = rest[..<mark]
        }
        if let slash = rest.firstIndex(of: "/") {
            let name = try MySQLAddress.decoded(rest[rest.index(after: slash)...])
            if !name.isEmpty { database = name }
            rest = rest[..<slash]
        }
        if let at = rest.lastIndex(of: "@") {
            try readLogin(rest[..<at])
            rest = rest[rest.index(after: at)...]
        }
        if !rest.isEmpty {
            servers = []
            for part in rest.split(separator: ",", omittingEmptySubsequences: false) {
                servers.append(try MySQLAddress.server(part))
            }
        }
        for option in options.split(separator: "&") { try read(option) }
    }

    /// Refuses a password that ends the servers by a `/` or `?` of its own: its rest would be the database's name or an
    /// option's, and in messages.
    private static func refuseTornLogin(_ text: Substring) throws(DatabaseError) {
        let end = text.firstIndex { "/?".contains($0) } ?? text.endIndex
        guard text[end...].contains("@"), text[..<end].contains(":") else { return }
        throw wrong("write %2F for /, %3F for ?, %40 for @ and %25 for % in the password, and %40 for any other @")
    }

    private mutating func readLogin(_ text: Substring) throws(DatabaseError) {
        let colon = text.firstIndex(of: ":") ?? text.endIndex
        let name = try MySQLAddress.decoded(text[..<colon])
        if !name.isEmpty { user = name }
        if colon < text.endIndex { password = try MySQLAddress.decoded(text[text.index(after: colon)...]) }
    }

    private mutating func read(_ option: Substring) throws(DatabaseError) {
        let equals = option.firstIndex(of: "=") ?? option.endIndex
        let name = String(option[..<equals])
        let value = equals < option.endIndex ? try MySQLAddress.decoded(option[option.index(after: equals)...]) : ""
        guard MySQLAddress.options.contains(name) else {
            throw MySQLAddress.wrong("there is no option \(name); there are \(MySQLAddress.listedOptions)")
        }
        guard !value.isEmpty else { throw MySQLAddress.wrong("the option \(name) has no value") }
        switch name {
        case "socket": socket = value
        case "tls-ca": authorities = value
        case "tls-cert": certificate = value
        case "tls-key": key = value
        default:
            guard let tls = TLS(rawValue: value) else {
                let words = TLS.allCases.map(\.rawValue).joined(separator: ", ")
                throw MySQLAddress.wrong("the option tls is one of \(words)")
            }
            self.tls = tls
        }
    }

    private static let options: Set<String> = ["socket", "tls", "tls-ca", "tls-cert", "tls-key"]
    private static let listedOptions = options.sorted().joined(separator: ", ")

    private static func server(_ text: Substring) throws(DatabaseError) -> Server {
        var host = text
        var server = Server()
        let isBracketed = text.first == "["
        if let colon = text.lastIndex(of: ":"), !isBracketed || text[..<colon].last == "]" {
            guard let port = UInt16(text[text.index(after: colon)...]), port > 0 else {
                throw wrong("a port is a number from 1 to 65535")
            }
            server.port = port
            host = text[..<colon]
        }
        if isBracketed {
            guard host.last == "]" else { throw wrong("a host that begins with [ ends with ]") }
            host = host.dropFirst().dropLast()
        }
        server.host = try decoded(host)
        if server.host == "localhost" { server.host = "" }
        return server
    }

    private static func wrong(_ reason: String) -> DatabaseError {
        DatabaseError(
            .usage, "the database's url cannot be used: \(reason) (mysql://user:password@host:3306/database)")
    }

    /// Decodes `%41`. A `+` is a plus.
    static func decoded(_ text: Substring) throws(DatabaseError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte != UInt8(ascii: "%") {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexadecimalValue),
                let low = rest.popFirst().flatMap(hexadecimalValue)
            else {
                throw wrong("two hexadecimal digits follow a %; a % itself is written %25")
            }
            bytes.append(high << 4 | low)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw wrong("it is no UTF-8 text after decoding, or has a NUL")
        }
        return decoded
    }
}

extension MySQLAddress {
    /// The servers and the database for messages, without user and password.
    var place: String {
        let at = servers.map { server in
            if server.host.isEmpty { return socket ?? "the local socket" }
            return server.host.contains(":") ? "[\(server.host)]:\(server.port)" : "\(server.host):\(server.port)"
        }
        let base = "MySQL at \(at.joined(separator: ", "))"
        return database.map { "\(base), database \($0)" } ?? base
    }
}
