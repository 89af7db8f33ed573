/// What `swift run` of a module's own program may be told.
struct StandaloneArguments: Equatable {
    enum Endpoint: Equatable {
        case fastCGI(path: String)
        case scgi(path: String)
        case http(host: String, port: Int)
    }

    var endpoint = Endpoint.http(host: "127.0.0.1", port: 8080)

    static let usage = """
        usage: [--listen fastcgi:/PATH.sock | --listen scgi:/PATH.sock | --listen http:HOST:PORT]
        Without --listen: http:127.0.0.1:8080, for a look in a browser. In production, gatehouse serve runs the module.
        """

    struct Misuse: Error {
        var message: String
    }

    init(_ arguments: [String]) throws(Misuse) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument == "--listen" else { throw Misuse(message: "unknown argument \(argument)\n\(Self.usage)") }
            guard let value = rest.popFirst() else {
                throw Misuse(message: "--listen needs an endpoint\n\(Self.usage)")
            }
            guard let endpoint = Self.endpoint(value) else {
                throw Misuse(message: "\(value) is no endpoint\n\(Self.usage)")
            }
            self.endpoint = endpoint
        }
    }

    private static func endpoint(_ text: String) -> Endpoint? {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let address = String(text[text.index(after: colon)...])
        switch text[..<colon] {
        case "fastcgi" where address.hasPrefix("/"): return .fastCGI(path: address)
        case "scgi" where address.hasPrefix("/"): return .scgi(path: address)
        case "http":
            guard let last = address.lastIndex(of: ":"), let port = Int(address[address.index(after: last)...]),
                (0...65_535).contains(port)
            else { return nil }
            return .http(host: String(address[..<last]), port: port)
        default: return nil
        }
    }
}
