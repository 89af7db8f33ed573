/// Connections that have left a worker which drains, and are not yet another's.
///
/// One waits where nobody can take it at this moment and somebody will: a worker is being started, or its channel is
/// full. No more wait than ``most``: further ones stay with the worker that hands them over, which serves them on.
struct HandedOverConnections {
    struct Connection: Codable, Equatable {
        var descriptor: Int32
        /// Where it was accepted.
        var endpoint: String
    }

    /// A worker that serves.
    struct Recipient {
        var number: Int
        /// How many connections it has.
        var connections: Int
        /// The endpoints of its listeners, in its plan's order.
        var listeners: [String]
    }

    static let most = 256

    private(set) var waiting: [Connection] = []

    var isFull: Bool { waiting.count >= Self.most }

    mutating func receive(_ connection: Connection) { waiting.append(connection) }

    /// Whoever takes them owns their descriptors.
    mutating func takeAll() -> [Connection] {
        defer { waiting = [] }
        return waiting
    }

    /// Gives each to the recipient with the fewest connections that takes it.
    ///
    /// - Parameters:
    ///   - awaited: endpoints on which somebody serves now or later.
    ///   - give: gives a connection to a worker, as one of the listener with that index; whether the worker takes it.
    /// - Returns: what does not wait any longer: what was given, and what nobody will ever take.
    mutating func settle(
        _ recipients: [Recipient], awaited: Set<String>, give: (Connection, _ worker: Int, _ listener: Int) -> Bool
    ) -> [Connection] {
        var recipients = recipients
        var settled: [Connection] = []
        var left: [Connection] = []
        for connection in waiting {
            if Self.isTaken(connection, &recipients, give) || !awaited.contains(connection.endpoint) {
                settled.append(connection)
            } else {
                left.append(connection)
            }
        }
        waiting = left
        return settled
    }

    /// An recipient that does not take one is not asked again.
    private static func isTaken(
        _ connection: Connection, _ recipients: inout [Recipient], _ give: (Connection, Int, Int) -> Bool
    ) -> Bool {
        while true {
            let able = recipients.indices.filter { recipients[$0].listeners.contains(connection.endpoint) }
            guard let best = able.min(by: { recipients[$0].connections < recipients[$1].connections }),
                let listener = recipients[best].listeners.firstIndex(of: connection.endpoint)
            else { return false }
            if give(connection, recipients[best].number, listener) {
                recipients[best].connections += 1
                return true
            }
            recipients.remove(at: best)
        }
    }
}
