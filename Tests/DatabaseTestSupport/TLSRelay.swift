/// TLS before PostgreSQL in the largest records that TLS allows, 16 KiB, as proxies send them. PostgreSQL's own records
/// have 8 KiB, which is as much as libpq reads at once.
public final class TLSRelay: Sendable {
    private let process: ServerProcess

    private struct Arguments: Encodable {
        var host = "127.0.0.1"
        var port: String
        var certificate: String
        var key: String
    }

    init(to server: PostgresServer) async throws {
        let key = server.certificate.dropLast("certificate.pem".count) + "key.pem"
        process = try await .start(
            "tls-relay", Arguments(port: String(server.port), certificate: server.certificate, key: String(key)))
    }

    /// The port on 127.0.0.1: `server.tlsURL(database, port: relay.port)`.
    public var port: Int { Int(process.fact("port")) ?? 0 }
}
