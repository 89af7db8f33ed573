import GatehousePlan
import GatehouseWire
import Testing

/// The bytes that a peer sends on one connection, and the lines of the `Trace` that must come of them.
struct Transcript: Sendable, CustomTestStringConvertible {
    var name: String
    var wire: GatewayProtocol
    var limits = Limits()
    var bytes: [UInt8]
    /// The lines of `Trace`.
    var expected: [String]

    var testDescription: String { name }

    /// A transcript of FastCGI.
    init(_ name: String, limits: Limits = Limits(), _ parts: [[UInt8]], _ expected: [String]) {
        self.init(name, .fastCGI, limits: limits, parts, expected)
    }

    init(
        _ name: String, _ wire: GatewayProtocol, limits: Limits = Limits(), _ parts: [[UInt8]], _ expected: [String]
    ) {
        self.name = name
        self.wire = wire
        self.limits = limits
        bytes = Array(parts.joined())
        self.expected = expected
    }

    /// - Parameter names: the names that earlier requests had, if they shall be remembered.
    func trace(_ chunks: [ArraySlice<UInt8>], names: NameMemory? = nil) -> Trace {
        switch wire {
        case .fastCGI: trace(FastCGIConnection(limits: limits), chunks, names)
        case .scgi: trace(SCGIConnection(limits: limits), chunks, names)
        case .uwsgi: trace(UWSGIConnection(limits: limits), chunks, names)
        }
    }

    private func trace(
        _ connection: some GatewayConnection, _ chunks: [ArraySlice<UInt8>], _ names: NameMemory?
    ) -> Trace {
        var connection = connection
        connection.names = names
        return Trace.of(connection, chunks)
    }
}
