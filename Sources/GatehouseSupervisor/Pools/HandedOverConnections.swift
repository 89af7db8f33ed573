/// Connections that have left a draining worker and wait for another one.
///
/// A connection waits while no worker can take it but one soon will: it is being started, or its channel is full. At
/// most ``most`` wait; further ones stay with the draining worker, which goes on serving them.
struct HandedOverConnections {
    struct Connection: Codable, Equatable {
        var descriptor: Int32
        /// The endpoint at which it was accepted.
        var endpoint: String
    }

    /// A worker that serves.
    struct Recipient {
        var number: Int
        /// Number of connections that it has.
        var connections: Int
        /// The endpoints of its listeners, in its plan's order.
        var listeners: [String]
    }

    static let most = 256

    private(set) var waiting: [Connection] = []

    var isFull: Bool { waiting.count >= Self.most }

    mutating func receive(_ connection: Connection) { waiting.append(connection) }

    /// - Returns: all that wait; their descriptors are the caller's from now on.
    mutating func takeAll() -> [Connection] {
        defer { waiting = [] }
        return waiting
    }

    /// Gives each to the recipient with the fewest connections that takes it.
    ///
    /// - Parameters:
    ///   - awaited: endpoints on which a worker serves now or will later.
    ///   - give: gives a connection to a worker, as one of the listener with that index, and says whether the worker
    ///     takes it.
    /// - Returns: connections that wait no longer: those that were given, and those that no worker will ever take.
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

    /// A recipient that did not take a connection is not asked again.
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
