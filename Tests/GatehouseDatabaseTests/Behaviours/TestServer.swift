import DatabaseTestSupport
import GatehouseDatabase

/// A server that a test may stop and kill, with an empty database, and a proxy before it.
struct TestServer: Sendable {
    let backEnd: BackEnd
    private let server: any DatabaseServer
    private let name: String

    private init(_ backEnd: BackEnd, _ server: any DatabaseServer) async throws {
        self.backEnd = backEnd
        self.server = server
        name = try await server.createDatabase()
    }

    /// Starts a server of its own for one test, with an empty database.
    /// - Parameter connections: the most that the server allows; `nil` for its default.
    static func start(_ backEnd: BackEnd, connections: Int? = nil) async throws -> TestServer {
        let limit = connections.map { String($0) }
        let server: any DatabaseServer =
            switch backEnd {
            case .mariaDB: try await MariaDBServer.start(limit.map { ["max-connections": $0] } ?? [:])
            default: try await PostgresServer.start(limit.map { ["max_connections": $0] } ?? [:])
            }
        return try await TestServer(backEnd, server)
    }

    /// An empty database of the server that all tests share.
    static func shared(_ backEnd: BackEnd) async throws -> TestServer {
        try await TestServer(backEnd, backEnd.sharedServer)
    }

    var place: Place { place(server.url(name)) }

    /// The database by TCP, with a password.
    func place(password: String) -> Place { place(server.tcpURL(name, password: password)) }

    private func place(_ url: String) -> Place {
        Place(backEnd, url: url) { [server, name] in try await server.query($0, in: name) }
    }

    /// A proxy before the server, and the database through it.
    func proxied() throws -> (FaultProxy, Place) {
        let proxy = try FaultProxy(to: .unix(server.socket))
        return (proxy, place(backEnd == .mariaDB ? proxy.mysqlURL(name) : proxy.postgresURL(name)))
    }

    /// A proxy before the server's TCP port, and the database through it.
    func proxiedByTCP() throws -> (FaultProxy, Place) {
        let proxy = try FaultProxy(to: .tcp(server.port))
        return (proxy, place(server.tcpURL(name, port: proxy.port)))
    }

    func restart() async throws { try await server.restart() }

    func kill() async throws { try await server.kill() }

    func start() async throws { try await server.start() }
}
