import DatabaseTestSupport
import GatehouseDatabase

/// A server that a test may stop and kill, and a proxy before it.
struct TestServer: Sendable {
    enum Kind: Sendable {
        case postgres(PostgresServer)
        case mariaDB(MariaDBServer)
    }

    let backEnd: BackEnd
    let kind: Kind
    private let name: String

    /// Starts a server of its own for one test, with an empty database.
    /// - Parameter connections: the most that the server allows; `nil` for its default.
    static func start(_ backEnd: BackEnd, connections: Int? = nil) async throws -> TestServer {
        let limit = connections.map { String($0) }
        switch backEnd {
        case .mariaDB:
            let server = try await MariaDBServer.start(limit.map { ["max-connections": $0] } ?? [:])
            return TestServer(backEnd: backEnd, kind: .mariaDB(server), name: try await server.createDatabase())
        default:
            let server = try await PostgresServer.start(limit.map { ["max_connections": $0] } ?? [:])
            return TestServer(backEnd: backEnd, kind: .postgres(server), name: try await server.createDatabase())
        }
    }

    /// An empty database of the server that all tests share.
    static func shared(_ backEnd: BackEnd) async throws -> TestServer {
        switch backEnd {
        case .mariaDB:
            let server = try await MariaDBServer.shared
            return TestServer(backEnd: backEnd, kind: .mariaDB(server), name: try await server.createDatabase())
        default:
            let server = try await PostgresServer.shared
            return TestServer(backEnd: backEnd, kind: .postgres(server), name: try await server.createDatabase())
        }
    }

    var place: Place {
        switch kind {
        case .postgres(let server): Place(backEnd, url: server.url(name)) { try await server.query($0, in: name) }
        case .mariaDB(let server): Place(backEnd, url: server.url(name)) { try await server.query($0, in: name) }
        }
    }

    /// A proxy before the server, and the database through it.
    func proxied() throws -> (FaultProxy, Place) {
        switch kind {
        case .postgres(let server):
            let proxy = try FaultProxy(to: .unix(server.socket))
            return (proxy, Place(backEnd, url: proxy.postgresURL(name)) { try await server.query($0, in: name) })
        case .mariaDB(let server):
            let proxy = try FaultProxy(to: .unix(server.socket))
            return (proxy, Place(backEnd, url: proxy.mysqlURL(name)) { try await server.query($0, in: name) })
        }
    }

    /// A proxy before the server's TCP port, and the database through it.
    func proxiedByTCP() throws -> (FaultProxy, Place) {
        switch kind {
        case .postgres(let server):
            let proxy = try FaultProxy(to: .tcp(server.port))
            let url = server.tcpURL(name, port: proxy.port)
            return (proxy, Place(backEnd, url: url) { try await server.query($0, in: name) })
        case .mariaDB(let server):
            let proxy = try FaultProxy(to: .tcp(server.port))
            let url = server.tcpURL(name, port: proxy.port)
            return (proxy, Place(backEnd, url: url) { try await server.query($0, in: name) })
        }
    }

    func restart() async throws {
        switch kind {
        case .postgres(let server): try await server.restart()
        case .mariaDB(let server): try await server.restart()
        }
    }

    func kill() async throws {
        switch kind {
        case .postgres(let server): try await server.kill()
        case .mariaDB(let server): try await server.kill()
        }
    }

    func start() async throws {
        switch kind {
        case .postgres(let server): try await server.start()
        case .mariaDB(let server): try await server.start()
        }
    }
}
