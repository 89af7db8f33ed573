/// A database server as the `url` of a module's settings names it, without user, password and database. Two modules are
/// on one server if its texts are equal.
struct DatabaseServer: Hashable {
    /// `PostgreSQL`, `MySQL`.
    let kind: String
    /// `db.example.org:5432`, `/run/postgresql`, several with commas between them, or `the local socket`. `nil` if the
    /// text is not clear enough to show a part that is certainly none of a password.
    let place: String?

    var description: String {
        "\(kind) at \(place ?? "an unclear host (percent-encode user and password in the url)")"
    }

    /// `nil` for a file, and for what is no address of a server.
    init?(url: String) {
        guard let colon = url.firstIndex(of: ":") else { return nil }
        let port: String
        switch url[..<colon].lowercased() {
        case "postgres", "postgresql": (kind, port) = ("PostgreSQL", "5432")
        case "mysql", "mariadb": (kind, port) = ("MySQL", "3306")
        default: return nil
        }
        let rest = url[url.index(after: colon)...]
        guard rest.hasPrefix("//") else { return nil }
        // A password may have characters that should have been escaped; nothing of it must be shown. So the host begins
        // after the last @, and if that comes after ? or #, it may be a password's or a parameter's.
        let address = rest.dropFirst(2).prefix { $0 != "?" && $0 != "#" }
        guard !rest[address.endIndex...].contains("@") else {
            place = nil
            return
        }
        let hosts = (address.lastIndex(of: "@").map { address[address.index(after: $0)...] } ?? address)
            .prefix { $0 != "/" }
        let parameters = Self.parameters(of: rest)
        let parameter = parameters["socket"] ?? parameters["host"] ?? parameters["hostaddr"]
        let named = parameter ?? Self.decoded(hosts)
        guard !named.isEmpty else {
            place = parameters["service"].map { "service \($0)" } ?? "the local socket"
            return
        }
        let places = named.lowercased().split(separator: ",").map {
            Self.withPort(String($0), parameters["port"] ?? port)
        }
        // A colon without a port after it may be of `user:password` that lacks @ and host.
        place = parameter != nil || places.allSatisfy(Self.hasPort) ? places.joined(separator: ",") : nil
    }

    private static func withPort(_ host: String, _ port: String) -> String {
        if host.hasPrefix("/") { return host }
        let end = host.lastIndex(of: "]") ?? host.startIndex
        return host[end...].contains(":") ? host : "\(host):\(port)"
    }

    private static func hasPort(_ place: String) -> Bool {
        if place.hasPrefix("/") { return true }
        let end = place.lastIndex(of: "]") ?? place.startIndex
        guard let colon = place[end...].firstIndex(of: ":") else { return false }
        return place[place.index(after: colon)...].allSatisfy { $0.isASCII && $0.isNumber }
    }

    /// The parameters after the question mark.
    private static func parameters(of url: Substring) -> [String: String] {
        guard let question = url.firstIndex(of: "?") else { return [:] }
        var parameters: [String: String] = [:]
        for pair in url[url.index(after: question)...].prefix(while: { $0 != "#" }).split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { parameters[String(parts[0])] = decoded(parts[1]) }
        }
        return parameters
    }

    /// Replaces `%2F` and its kin (RFC 3986, section 2.1).
    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
