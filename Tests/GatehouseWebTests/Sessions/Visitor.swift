import Gatehouse
import GatehouseServer
import GatehouseWeb
import GatehouseWire
import HTTPTypes
import Hummingbird
import Logging
import Synchronization

/// A time that tests set, in seconds since 1970.
final class TestClock: Sendable {
    private let seconds = Mutex(1_800_000_000)

    var now: Int { seconds.withLock { $0 } }

    func pass(_ time: Int) { seconds.withLock { $0 += time } }
}

/// A browser with its cookies, in front of middleware and a handler: no server, no socket.
struct Visitor {
    var cookies: [String: String] = [:]
    /// More text for the header `Cookie`, before the browser's own.
    var otherCookies = ""
    var isSecure = true
    let log = LogLines()

    func context(_ variables: [(name: String, value: String)] = []) -> WebContext {
        var variables = variables
        if isSecure { variables.append(("HTTPS", "on")) }
        let head = RequestHead(
            id: RequestID(rawValue: 1), role: .responder, keepsConnection: false,
            parameters: GatewayVariables(variables))
        let gateway = GatewayRequest(number: 1, head: head, mountPath: "/shop")
        let log = log
        return WebContext(
            source: GatewayRequestContextSource(logger: Logger(label: "test") { _ in log.handler }, gateway: gateway))
    }

    func request(
        _ method: HTTPRequest.Method = .get, _ path: String = "/", headers: HTTPFields = [:], body: String = ""
    ) -> Request {
        var headers = headers
        let jar = otherCookies + cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
        if !jar.isEmpty { headers[.cookie] = jar }
        let head = HTTPRequest(
            method: method, scheme: "https", authority: "shop.example", path: path, headerFields: headers)
        return Request(head: head, body: RequestBody(buffer: ByteBuffer(string: body)))
    }

    /// Sends a request, and keeps the cookies of the response.
    @discardableResult
    mutating func visit(
        _ middleware: some RouterMiddleware<WebContext>, _ request: Request? = nil,
        _ handler: @escaping @Sendable (WebContext) async throws -> Void
    ) async throws -> Response {
        let response = try await middleware.handle(request ?? self.request(), context: context()) { _, context in
            try await handler(context)
            return Response(status: .ok)
        }
        keep(response)
        return response
    }

    mutating func keep(_ response: Response) {
        for text in response.headers[values: .setCookie] {
            let pair = text.prefix { $0 != ";" }
            let name = String(pair.prefix { $0 != "=" })
            cookies[name] = text.contains("Max-Age=0") ? nil : String(pair.dropFirst(name.count + 1))
        }
    }
}

/// The lines that a test's requests have logged.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func add(_ line: String) { lines.withLock { $0.append(line) } }

    var handler: any LogHandler { Handler(lines: self) }

    private struct Handler: LogHandler {
        let lines: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { lines.add("\(event.level) \(event.message)") }
    }
}
