internal import Glibc

/// The connections that the supervisor answers itself. At most ``most`` at a time: the oldest makes room, because it
/// had its answer long ago if it sent a request.
struct Refusals {
    static let most = 64
    /// The most connections that are accepted in one turn of the loop.
    static let mostAtATime = 64
    /// The pause in accepting if no descriptor could be had, in milliseconds.
    private static let pause = 100

    private(set) var connections: [RefusedConnection] = []
    private(set) var pausedUntil: Int?
    private var buffer = [UInt8]()

    func isPaused(now: Int) -> Bool { pausedUntil.map { now < $0 } ?? false }

    /// Pauses if accept(2) lacked a descriptor or memory: the connection still waits, and would wake us again at once.
    mutating func acceptFailed(_ code: Int32, now: Int) {
        if [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(code) { pausedUntil = now + Self.pause }
    }

    /// Adds a connection, and answers at once if it has sent a request already.
    mutating func add(_ connection: RefusedConnection) {
        if connections.count >= Self.most { connections.removeFirst() }
        connections.append(connection)
        goOn(connection)
    }

    mutating func goOn(_ connection: RefusedConnection) {
        if buffer.isEmpty { buffer = [UInt8](repeating: 0, count: 65_536) }
        connection.goOn(buffer: &buffer)
    }

    /// - Returns: the earliest moment at which this has something to do again; `nil` for never.
    func deadline(now: Int) -> Int? {
        let first = connections.lazy.map(\.deadline).min()
        guard let pausedUntil, now < pausedUntil else { return first }
        return min(first ?? .max, pausedUntil)
    }

    mutating func removeDone(now: Int) {
        if let pausedUntil, now >= pausedUntil { self.pausedUntil = nil }
        guard !connections.isEmpty else { return }
        connections.removeAll { $0.isDone || now >= $0.deadline }
        // Most of the time there is no connection, and then no buffer.
        if connections.isEmpty { buffer = [] }
    }
}
