import FoundationEssentials

/// What `swift run` of a module's own program may be told.
struct StandaloneArguments: Equatable {
    enum Endpoint: Equatable {
        case fastCGI(path: String)
        case scgi(path: String)
        case http(host: String, port: Int)
    }

    var endpoint = Endpoint.http(host: "127.0.0.1", port: 8080)
    /// What `--settings` says: JSON, or the path of a file with JSON.
    var settings: String?
    var asksForHelp = false

    static let usage = """
        usage: [--listen fastcgi:/PATH.sock | --listen scgi:/PATH.sock | --listen http:HOST:PORT]
               [--settings FILE | --settings JSON]

        Without --listen: http:127.0.0.1:8080, for a look in a browser. In production, gatehouse serve runs the module.
        --settings is what the configuration has under "settings", as JSON: '{ "title": "Notes" }', or a file with it.
        """

    struct Misuse: Error {
        var message: String
    }

    init(_ arguments: [String]) throws(Misuse) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--help", "-h": asksForHelp = true
            case "--listen":
                let value = try Self.value(of: argument, "an endpoint", from: &rest)
                guard let endpoint = Self.endpoint(value) else { throw Self.misuse("\(value) is no endpoint") }
                self.endpoint = endpoint
            case "--settings": settings = try Self.value(of: argument, "a file or JSON", from: &rest)
            default: throw Self.misuse("unknown argument \(argument)")
            }
        }
    }

    /// The settings as JSON, and where they were written, for messages.
    func readSettings() throws(Misuse) -> (text: String, origin: String) {
        guard let settings else { return ("{}", "") }
        if settings.first(where: { !$0.isWhitespace }) == "{" { return (settings, "--settings") }
        guard let bytes = FileManager.default.contents(atPath: settings) else {
            throw Self.misuse("--settings \(settings): this is no file that can be read, and JSON begins with {")
        }
        return (String(decoding: bytes, as: UTF8.self), settings)
    }

    private static func value(
        of option: String, _ what: String, from rest: inout ArraySlice<String>
    ) throws(Misuse) -> String {
        guard let value = rest.popFirst() else { throw misuse("\(option) needs \(what)") }
        return value
    }

    private static func misuse(_ message: String) -> Misuse {
        Misuse(message: "\(message)\n\(usage)")
    }

    private static func endpoint(_ text: String) -> Endpoint? {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let address = String(text[text.index(after: colon)...])
        // As a configuration writes it: a path has a slash, and may have unix: in front of it.
        let path = address.hasPrefix("unix:") ? String(address.dropFirst(5)) : address
        let isPath = path.contains("/") && !path.hasSuffix("/")
        switch text[..<colon] {
        case "fastcgi" where isPath: return .fastCGI(path: path)
        case "scgi" where isPath: return .scgi(path: path)
        case "http":
            guard let last = address.lastIndex(of: ":"), let port = Int(address[address.index(after: last)...]),
                (0...65_535).contains(port)
            else { return nil }
            return .http(host: String(address[..<last]), port: port)
        default: return nil
        }
    }
}
