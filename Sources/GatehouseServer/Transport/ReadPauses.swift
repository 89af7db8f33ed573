import CGatehouseSystem
import Glibc

/// Short pauses in the reading of large bodies, for all connections of a loop.
///
/// A front server writes a large body in small pieces, and each of them would wake the loop: the wake-ups would cost
/// more than the reading. So a connection whose socket is empty after a fast read looks again a little later, instead
/// of being woken. Confined to its loop's thread.
final class ReadPauses: PollSource {
    private var timer: Int32 = -1
    private var waiting: [SocketConnection] = []

    /// The nanoseconds of a pause. A Unix socket takes some 200 KiB until its writer has to wait, so that a body of
    /// more than two gigabytes a second would be held up.
    static let length = 100_000

    deinit { if timer >= 0 { close(timer) } }

    /// Has a connection go on after a pause.
    /// - Returns: whether it will; not if the process has no descriptor left.
    func begin(_ connection: SocketConnection, on poll: PollLoop) -> Bool {
        if timer < 0 {
            let created = gatehouse_timer_create()
            guard created >= 0 else { return false }
            guard poll.add(created, self, interest: [.readable, .edge]) != nil else {
                close(created)
                return false
            }
            timer = created
        }
        if waiting.isEmpty { gatehouse_timer_start(timer, Self.length) }
        waiting.append(connection)
        return true
    }

    func ready(for events: PollEvents) {
        let due = waiting
        waiting.removeAll(keepingCapacity: true)
        for connection in due { connection.endPause() }
    }
}

/// The speed at which a large body comes.
struct ReadPace {
    private var lastRead: Int64 = 0

    /// Takes note of a read.
    /// - Parameters:
    ///   - count: the bytes that it gave.
    ///   - now: nanoseconds of a monotonic clock.
    /// - Returns: whether there will be much to read after a pause: a pause costs more than being woken once.
    mutating func isFast(_ count: Int, afterPause: Bool, now: Int64) -> Bool {
        defer { lastRead = now }
        return afterPause ? count >= 32_768 : count >= 8_192 && now - lastRead < 2 * Int64(ReadPauses.length)
    }
}
