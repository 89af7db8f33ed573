import DatabaseTestSupport
@testable import GatehouseDatabase
import GatehouseServer
import GatehouseSystem
import Glibc
import Testing

struct PostgreSQLCancellationTests {
    @Test func `a cancel request to a host that does not answer ends`() async throws {
        let server = try SilentServer()
        let session = try await PostgreSQLTestSession.connect(server.url) { $0.connectTimeout = .seconds(1) }
        try server.fallSilent()
        async let result = session.run("SELECT 1")
        while await session.state != .busy {}
        await session.onLoop { $0.cancel() }
        #expect(session.driver.cancellations.count == 1)
        try await until("the request has ended") { session.driver.cancellations.count == 0 }
        await session.close()
        #expect(!(await result.isSuccess))
    }

    @Test func `the limit of cancel requests is none of a server that does not read for a while`() async throws {
        let server = try await PostgresServer.shared
        try await server.withDatabase { name in
            let session = try await PostgreSQLTestSession.connect(server.tcpURL(name)) {
                $0.connectTimeout = .seconds(1)
            }
            // More than the buffers of the sockets hold.
            let text = String(repeating: "x", count: 30_000_000)
            let (result, rows) = await session.batch(["SELECT pg_sleep(4)::text", "SELECT length(\(text)::text)::text"])
            #expect(result.isSuccess, "\(result)")
            #expect(rows.last == [["30000000"]])
            await session.close()
        }
    }

    @Test func `the operator's own limit is left alone`() throws {
        for (option, isWritten) in [("", false), ("?tcp_user_timeout=7000", true)] {
            var settings = DatabaseSettings(url: "postgres://host/db\(option)")
            settings.connectTimeout = .seconds(3)
            let address = try PostgreSQLAddress(settings, applicationName: "")
            let keywords = address.keywords(withSession: false)
            #expect(keywords.first { $0.0 == "tcp_user_timeout" }?.1 == "4000")
            // The URL comes later, and wins.
            let names = keywords.map(\.0)
            let place = try #require(names.firstIndex(of: "tcp_user_timeout"))
            #expect(try place < #require(names.firstIndex(of: "dbname")))
            #expect(address.hasUserTimeout == isWritten)
        }
    }
}

/// A server that lets one client in and then answers nobody, not even with a connection: whatever comes to a queue that
/// is full, the kernel drops.
private final class SilentServer {
    let url: String
    private let port: in_port_t
    private let listening: Int32
    private var waiting: [Int32] = []

    init() throws {
        listening = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = Self.address(0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listening = listening
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listening, $0, size) == 0 && listen(listening, 0) == 0 && getsockname(listening, $0, &size) == 0
            }
        }
        guard isBound else { throw SystemError("bind") }
        port = address.sin_port
        url = "postgres://nobody@127.0.0.1:\(port.bigEndian)/d?sslmode=disable&gssencmode=disable"
        try PlainThread.run {
            let client = accept(listening, nil, nil)
            guard client >= 0 else { return }
            var bytes = [UInt8](repeating: 0, count: 10_000)
            _ = recv(client, &bytes, bytes.count, 0)
            _ = send(client, Self.welcome, Self.welcome.count, Int32(MSG_NOSIGNAL))
            // Until the client has gone.
            while recv(client, &bytes, bytes.count, 0) > 0 {}
            close(client)
        }
    }

    deinit {
        for descriptor in waiting { close(descriptor) }
        shutdown(listening, Int32(SHUT_RDWR))
        close(listening)
    }

    /// Fills the queue of connections that nobody accepts.
    func fallSilent() throws {
        for _ in 0..<4 {
            let descriptor = socket(
                AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
            waiting.append(descriptor)
            var address = Self.address(port)
            _ = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
        var last = pollfd(fd: waiting[3], events: Int16(POLLOUT), revents: 0)
        guard poll(&last, 1, 100) == 0 else { throw Unexpected(description: "the queue is not full") }
    }

    private static func address(_ port: in_port_t) -> sockaddr_in {
        sockaddr_in(
            sin_family: sa_family_t(AF_INET), sin_port: port, sin_addr: in_addr(s_addr: UInt32(0x7f00_0001).bigEndian),
            sin_zero: (0, 0, 0, 0, 0, 0, 0, 0))
    }

    /// The login is done, the parameters of the session, the key of its cancel requests, and readiness.
    private static let welcome: [UInt8] =
        message("R", [0, 0, 0, 0]) + parameter("TimeZone", "UTC") + parameter("DateStyle", "ISO, MDY")
        + parameter("client_encoding", "UTF8") + parameter("server_version", "15.0")
        + parameter("standard_conforming_strings", "on") + message("K", [0, 0, 0, 1, 0, 0, 0, 2])
        + message("Z", Array("I".utf8))

    private static func parameter(_ name: String, _ value: String) -> [UInt8] {
        message("S", Array(name.utf8) + [0] + Array(value.utf8) + [0])
    }

    private static func message(_ kind: Character, _ content: [UInt8]) -> [UInt8] {
        [kind.asciiValue ?? 0, 0, 0, 0, UInt8(content.count + 4)] + content
    }
}
