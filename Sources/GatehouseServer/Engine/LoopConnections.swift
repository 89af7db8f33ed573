/// The connections of one loop, in no order. Those that may have a deadline stand in front of the others, so that a
/// tick need not look at thousands of idle ones. Confined to the loop's thread.
struct LoopConnections {
    private(set) var all: [ConnectionEngine] = []
    /// The count of those in front.
    private(set) var watchedCount = 0

    var count: Int { all.count }
    var isEmpty: Bool { all.isEmpty }

    mutating func append(_ connection: ConnectionEngine) {
        connection.place = all.count
        all.append(connection)
    }

    /// - Returns: whether it was there.
    mutating func remove(_ connection: ConnectionEngine) -> Bool {
        guard connection.place >= 0 else { return false }
        unwatch(connection)
        swap(connection.place, all.count - 1)
        all.removeLast()
        connection.place = -1
        return true
    }

    /// - Returns: `false`, and does nothing, if the connection is not in the list, or is in front already.
    mutating func watch(_ connection: ConnectionEngine) -> Bool {
        guard connection.place >= watchedCount else { return false }
        swap(connection.place, watchedCount)
        watchedCount += 1
        return true
    }

    mutating func unwatch(_ connection: ConnectionEngine) {
        guard connection.place >= 0, connection.place < watchedCount else { return }
        watchedCount -= 1
        swap(connection.place, watchedCount)
    }

    private mutating func swap(_ one: Int, _ other: Int) {
        guard one != other else { return }
        all.swapAt(one, other)
        all[one].place = one
        all[other].place = other
    }
}

/// The connections of a loop that have written something which is to be sent. On the loop only; hence unchecked.
final class DirtyConnections: @unchecked Sendable {
    private var connections: [ConnectionEngine] = []

    func add(_ connection: ConnectionEngine) { connections.append(connection) }

    func flush() {
        while let connection = connections.popLast() { connection.flushOutput() }
    }
}
