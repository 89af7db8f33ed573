internal import ArgumentParser
internal import GatehouseConfiguration
internal import GatehouseClient
internal import GatehousePlan
internal import GatehouseWire
internal import Glibc

/// `gatehouse request`: the front server for one request, because nobody should need nginx to debug a handler.
struct RequestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request",
        abstract: "Send one request to an endpoint, as a front server would, and print the response.",
        discussion: """
            The response's body goes to standard output as it comes, and what the application sends on FCGI_STDERR to \
            standard error. The variables are those of nginx's fastcgi_params; -P adds one or replaces one.

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
            "Written as in a configuration: fastcgi:/path.sock, scgi:run/x.sock, fastcgi:127.0.0.1:9000.",
            valueName: "endpoint"))
    var via: String

    @Option(
        name: [.customShort("H"), .long], help: ArgumentHelp("A header; may be given again.", valueName: "Name: value"))
    var header: [String] = []

    @Option(name: .shortAndLong, help: "The body.")
    var data: String?

    @Option(help: ArgumentHelp("A file with the body; - is standard input.", valueName: "file"))
    var dataFile: String?

    @Option(
        name: [.customShort("P"), .long],
        help: ArgumentHelp("A CGI variable; may be given again.", valueName: "NAME=value"))
    var parameter: [String] = []

    @Flag(name: .shortAndLong, help: "Print the response's head too.")
    var include = false

    @Option(help: "What the application is asked to be: responder or authorizer (FastCGI only).")
    var role = Role.responder

    @Option(help: ArgumentHelp("For the whole exchange: 500ms, 30s, 5m.", valueName: "duration"))
    var timeout = "30s"

    func run() throws {
        do {
            let endpoint = try Self.clientEndpoint(via)
            let request = try makeRequest(to: endpoint)
            let limit = try duration()
            let connection = try GatewayClient(to: endpoint, timeout: limit)
            var status: Int?
            var reason = ""
            var protocolStatus: UInt8 = 0
            try connection.exchange(request, timeout: limit) { event in
                switch event {
                case .head(let head):
                    (status, reason) = (head.status, head.reason.isEmpty ? "" : " \(head.reason)")
                    if include { try Self.write(Self.text(of: head), to: STDOUT_FILENO) }
                case .body(let bytes): try Self.write(bytes, to: STDOUT_FILENO)
                case .diagnostics(let bytes): try Self.write(bytes, to: STDERR_FILENO)
                case .ended(_, let status): protocolStatus = status
                }
            }
            guard let status else { throw GatewayClient.headless(endpoint, protocolStatus) }
            if status >= 400 {
                // A response without a body would leave nothing to be seen.
                if !include { Self.say("the response's status is \(status)\(reason)") }
                throw ExitCode(1)
            }
        } catch let error as GatewayClientError {
            throw Self.failure(error)
        }
    }

    private static func clientEndpoint(_ text: String) throws(GatewayClientError) -> Endpoint {
        let endpoint: Endpoint
        do {
            endpoint = try Endpoint(parsing: text)
        } catch {
            throw GatewayClientError(.usage, "--via: \(error.message)")
        }
        if let problem = endpoint.clientProblem { throw GatewayClientError(.usage, "--via: \(problem)") }
        return endpoint
    }

    private func makeRequest(to endpoint: Endpoint) throws -> ClientRequest {
        guard (1...2).contains(words.count), let target = words.last, target.hasPrefix("/") || target == "*" else {
            throw ValidationError(
                "name one path that begins with /, and before it the method, unless that is GET, or POST with data")
        }
        guard data == nil || dataFile == nil else { throw ValidationError("either --data or --data-file, not both") }
        guard role == .responder || endpoint.gatewayProtocol == .fastCGI else {
            throw ValidationError("SCGI has no roles: --role \(role.rawValue) needs a fastcgi: endpoint")
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
            throw ValidationError("\"\(text)\" is no header that nginx passes on; for any variable at all there is -P")
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
            throw ValidationError("\"\(text)\" is no variable: it is written NAME=value")
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

    private static func read(_ path: String) throws -> [UInt8] {
        let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(path) }
        defer { if descriptor != STDIN_FILENO { close(descriptor) } }
        var all: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = Glibc.read(descriptor, &piece, piece.count)
            if count == 0 { return all }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw unreadable(path) }
            all += piece[..<count]
        }
    }

    private static func unreadable(_ path: String) -> ExitCode {
        say("cannot read \(path): \(String(cString: strerror(errno)))")
        return ExitCode(ExitStatus.noInput.rawValue)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw GatewayClientError(.system, "cannot write the response: \(String(cString: strerror(errno)))")
            }
            rest = rest.dropFirst(count)
        }
    }

    private static func failure(_ error: GatewayClientError) -> ExitCode {
        say(error.description)
        return switch error.code {
        case .usage: ExitCode(ExitStatus.usage.rawValue)
        case .permission: ExitCode(ExitStatus.permission.rawValue)
        default: ExitCode(ExitStatus.inputOutput.rawValue)
        }
    }

    private static func say(_ line: String) {
        try? write(Array("gatehouse: \(line)\n".utf8), to: STDERR_FILENO)
    }
}
