internal import ArgumentParser
internal import GatehouseClient
internal import GatehousePlan
internal import GatehouseSystem
internal import GatehouseWire
internal import Glibc

/// `gatehouse request`: plays the front server for one request, because nobody should need nginx to debug a handler.
struct RequestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request",
        abstract: "Send one request to an endpoint, as a front server would, and print the response.",
        discussion: """
            The response's body goes to standard output as it comes, and what the application sends on FCGI_STDERR to \
            standard error. The variables are those of nginx's fastcgi_params; -P adds or replaces one.

            Exit status: 0 if the response's status is under 400, 1 if it is 400 or more, 64 for a wrong command line, \
            66 for a data file that cannot be read, 74 if there is no whole answer, 77 if this user may not connect.

              gatehouse request /hello --via fastcgi:/run/gatehouse/app.sock
              gatehouse request POST /notes --via scgi:/run/gatehouse/app.sock -d 'title=Rain'
              gatehouse request /secret --via fastcgi:127.0.0.1:9000 --role authorizer -P REMOTE_USER=ann -i
            """)

    enum Role: String, ExpressibleByArgument, CaseIterable {
        case responder, authorizer
    }

    @Argument(
        help: ArgumentHelp("The method (default: GET, or POST with data) and the path.", valueName: "method> <path"))
    var words: [String]

    @Option(
        help: ArgumentHelp(
            "The endpoint, as in a configuration: \(GatewayProtocol.choices("/path.sock")), fastcgi:127.0.0.1:9000.",
            valueName: "endpoint"))
    var via: String

    @Option(
        name: [.customShort("H"), .long], help: ArgumentHelp("A header. May be repeated.", valueName: "Name: value"))
    var header: [String] = []

    @Option(name: .shortAndLong, help: "The body.")
    var data: String?

    @Option(help: ArgumentHelp("A file with the body; - is standard input.", valueName: "file"), completion: .file())
    var dataFile: String?

    @Option(
        name: [.customShort("P"), .long],
        help: ArgumentHelp("A CGI variable. May be repeated.", valueName: "NAME=value"))
    var parameter: [String] = []

    @Flag(name: .shortAndLong, help: "Print the response's head too.")
    var include = false

    @Option(help: "The role that the application is asked to play; SCGI and uwsgi have only the responder.")
    var role = Role.responder

    @Option(help: ArgumentHelp("The longest time for the whole exchange, such as 500ms or 5m.", valueName: "duration"))
    var timeout = "30s"

    func run() throws {
        let endpoint = try Self.clientEndpoint(via)
        let request = try makeRequest(to: endpoint)
        let limit = try duration()
        do {
            try exchange(request, with: endpoint, limit)
        } catch let error as GatewayClientError {
            throw Self.failure(error)
        } catch let error as SystemError {
            throw OperatorError("cannot write the response: \(error.reason)", .inputOutput)
        }
    }

    private func exchange(_ request: ClientRequest, with endpoint: Endpoint, _ limit: Duration) throws {
        let connection = try GatewayClient(to: endpoint, timeout: limit)
        var status: Int?
        var reason = ""
        var protocolStatus: UInt8 = 0
        try connection.exchange(request, timeout: limit) { event in
            switch event {
            case .head(let head):
                (status, reason) = (head.status, head.reason.isEmpty ? "" : " \(head.reason)")
                if include { try Descriptor.writeAll(Self.text(of: head), to: STDOUT_FILENO) }
            case .body(let bytes): try Descriptor.writeAll(bytes, to: STDOUT_FILENO)
            case .diagnostics(let bytes): try Descriptor.writeAll(bytes, to: STDERR_FILENO)
            case .ended(_, let status): protocolStatus = status
            }
        }
        guard let status else { throw GatewayClient.headless(endpoint, protocolStatus) }
        if status >= 400 {
            // A response without a body would leave nothing to be seen.
            if !include { Console.say("the response's status is \(status)\(reason)") }
            throw ExitCode(1)
        }
    }

    /// The endpoint of `--via`, which a front server must be able to connect to.
    static func clientEndpoint(_ text: String) throws(OperatorError) -> Endpoint {
        let endpoint: Endpoint
        do {
            endpoint = try Endpoint(parsing: text)
        } catch {
            throw OperatorError("--via: \(error.message)", .usage)
        }
        if let problem = endpoint.clientProblem { throw OperatorError("--via: \(problem)", .usage) }
        return endpoint
    }

    private func makeRequest(to endpoint: Endpoint) throws -> ClientRequest {
        guard (1...2).contains(words.count), let target = words.last, target.hasPrefix("/") || target == "*" else {
            throw ValidationError(
                "name one path that begins with /, and before it the method, unless that is GET, or POST with data")
        }
        guard data == nil || dataFile == nil else { throw ValidationError("either --data or --data-file, not both") }
        guard role == .responder || endpoint.gatewayProtocol == .fastCGI else {
            throw ValidationError("only FastCGI has roles: --role \(role.rawValue) needs a fastcgi: endpoint")
        }
        var headers = try header.map(Self.parseHeader)
        let body = try dataFile.map(Self.read) ?? Array((data ?? "").utf8)
        // As curl: data is a form unless a header says otherwise.
        if data != nil, !headers.contains(where: { $0.isNamed("Content-Type") }) {
            headers.append(ClientHeader("Content-Type", "application/x-www-form-urlencoded"))
        }
        let method = words.count == 2 ? words[0] : (data == nil && dataFile == nil ? "GET" : "POST")
        return ClientRequest(
            method: method, target: target, headers: headers, body: body,
            extraParameters: try parameter.map(Self.parseParameter),
            role: role == .authorizer ? .authorizer : .responder)
    }

    /// nginx drops a header whose name has other characters than letters, digits and dashes, and so could not send it.
    private static func parseHeader(_ text: String) throws -> ClientHeader {
        let name = text.utf8.prefix { $0 != UInt8(ascii: ":") }
        let value = text.utf8.dropFirst(name.count + 1).drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        guard !name.isEmpty, name.count < text.utf8.count, name.allSatisfy(isNameByte) else {
            throw ValidationError("\"\(text)\" is not a header that nginx passes on; for any other variable use -P")
        }
        return ClientHeader(String(Substring(name)), String(Substring(value)))
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
        default: false
        }
    }

    private static func parseParameter(_ text: String) throws -> ClientParameter {
        let name = text.utf8.prefix { $0 != UInt8(ascii: "=") }
        guard !name.isEmpty, name.count < text.utf8.count else {
            throw ValidationError("\"\(text)\" is not a variable: write NAME=value")
        }
        return ClientParameter(name: Array(name), value: Array(text.utf8.dropFirst(name.count + 1)))
    }

    private func duration() throws -> Duration {
        let units: [(suffix: String, length: Duration)] = [
            ("ms", .milliseconds(1)), ("s", .seconds(1)), ("m", .seconds(60)), ("h", .seconds(3_600)),
        ]
        for (suffix, length) in units where timeout.hasSuffix(suffix) {
            guard let count = Int32(timeout.dropLast(suffix.count)), count > 0 else { continue }
            return length * Int(count)
        }
        throw ValidationError("--timeout \(timeout): a duration has a unit: 500ms, 30s, 5m")
    }

    private static func text(of head: ClientResponseHead) -> [UInt8] {
        let status = "Status: \(head.status)" + (head.reason.isEmpty ? "" : " \(head.reason)")
        let lines = [status] + head.headers.map { "\($0.name): \($0.value)" }
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    private static func read(_ path: String) throws(OperatorError) -> [UInt8] {
        let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(path, SystemError.text()) }
        defer { if descriptor != STDIN_FILENO { close(descriptor) } }
        do {
            return try Descriptor.readAll(descriptor)
        } catch {
            throw unreadable(path, error.reason)
        }
    }

    private static func unreadable(_ path: String, _ reason: String) -> OperatorError {
        OperatorError("cannot read \(path): \(reason)", .noInput)
    }

    private static func failure(_ error: GatewayClientError) -> OperatorError {
        let status: ExitStatus =
            switch error.code {
            case .usage: .usage
            case .permission: .permission
            default: .inputOutput
            }
        return OperatorError(error.description, status)
    }
}
