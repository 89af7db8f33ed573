import FoundationEssentials
import GatehousePlan

/// The command line of a module's own program, as `swift run` starts it.
struct StandaloneArguments: Equatable {
    /// A place that a module's own program can serve.
    enum Place: Equatable {
        case gateway(GatewayProtocol, path: String)
        case http(host: String, port: Int)
    }

    var place = Place.http(host: "127.0.0.1", port: 8080)
    /// The value of `--settings`: JSON, or the path of a file with JSON.
    var settings: String?
    var asksForHelp = false

    static let usage = """
        usage: [--listen \(GatewayProtocol.choices("/PATH.sock", between: "|")) | http:HOST:PORT]
               [--settings FILE | JSON]

          --listen    The Unix socket of a web server's requests, or an address for a browser (default:
                      http:127.0.0.1:8080). In production, gatehouse serve runs the module.
          --settings  The module's settings, as a configuration has them under "settings": JSON such as
                      '{ "title": "Notes" }', or a file with JSON (default: {}).
        """

    struct Misuse: Error {
        var message: String
    }

    init(_ arguments: [String]) throws(Misuse) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--help", "-h": asksForHelp = true
            case "--listen": place = try Self.place(try Self.value(of: argument, "an endpoint", from: &rest))
            case "--settings": settings = try Self.value(of: argument, "a file or JSON", from: &rest)
            default: throw Self.misuse("unknown argument \(argument)")
            }
        }
    }

    /// Returns the settings as JSON, and the place where they were written, for messages.
    func readSettings() throws(Misuse) -> (text: String, origin: String) {
        guard let settings else { return ("{}", "") }
        if settings.first(where: { !$0.isWhitespace }) == "{" { return (settings, "--settings") }
        guard let bytes = FileManager.default.contents(atPath: settings) else {
            throw Self.misuse("--settings \(settings): neither a file that can be read nor JSON, which begins with {")
        }
        return (String(decoding: bytes, as: UTF8.self), settings)
    }

    private static func value(
        of option: String, _ kind: String, from rest: inout ArraySlice<String>
    ) throws(Misuse) -> String {
        guard let value = rest.popFirst() else { throw misuse("\(option) needs \(kind)") }
        return value
    }

    private static func place(_ text: String) throws(Misuse) -> Place {
        let endpoint: Endpoint
        do {
            endpoint = try Endpoint(parsing: text)
        } catch {
            throw misuse(error.message)
        }
        switch (endpoint.scheme, endpoint.address) {
        case (.gateway(let gatewayProtocol), .unix(let path)): return .gateway(gatewayProtocol, path: path)
        case (.http, .tcp(let host, let port)): return .http(host: host, port: Int(port))
        default:
            throw misuse(
                "endpoint \"\(endpoint)\": a module's own program serves only a Unix socket by "
                    + "\(GatewayProtocol.choices()), or http:HOST:PORT; gatehouse serve has the others")
        }
    }

    private static func misuse(_ message: String) -> Misuse {
        Misuse(message: "\(message)\n\(usage)")
    }
}
