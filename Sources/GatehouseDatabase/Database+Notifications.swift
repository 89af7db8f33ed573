package import GatehouseServer
import Synchronization

/// Something that another session of PostgreSQL has said by `NOTIFY`, or a gap in that.
public enum DatabaseNotification: Sendable, Equatable {
    /// A notification: its channel, its text, and the server process of the session that sent it.
    case notification(channel: String, payload: String, processID: Int32)
    /// The connection was lost and is there again, or the reader was too slow: notifications may have been missed.
    /// A reader that keeps a copy of something reads it anew now.
    case missed
}

/// A driver whose server sends notifications.
package protocol NotifyingDriver: Driver {
    /// Listens on a connection of its own, which is made anew when it is lost. Called on the loop, and calls `deliver`
    /// there.
    func listen(
        to channel: String, on loop: HandlerLoop, deliver: @escaping (DatabaseNotification) -> Void
    ) -> any Listening
}

/// A channel that is listened to.
package protocol Listening: AnyObject, Sendable {
    /// Closes the connection; nothing is delivered any more. On the loop.
    func end()
}

extension Database {
    /// Listens to a channel of PostgreSQL (`LISTEN`), on a connection of its own, until the task that reads the
    /// sequence ends or lets go of it.
    ///
    /// ```swift
    /// for await notification in try database.notifications(on: "note") {
    ///     if case .missed = notification { cache.clear() } else { … }
    /// }
    /// ```
    ///
    /// A sequence for one reader. It never ends by itself: a lost connection is made again, and then
    /// ``DatabaseNotification/missed`` comes first. A reader that is a thousand notifications behind gets that in place
    /// of the rest.
    /// - Throws: a `.usage` error if the database is another than PostgreSQL.
    public func notifications(
        on channel: String
    ) throws(DatabaseError) -> some AsyncSequence<DatabaseNotification, Never> & Sendable {
        guard let driver = (source as? Pool)?.driver as? any NotifyingDriver else {
            throw .usage("\(place) has no notifications: only PostgreSQL has them")
        }
        guard let loop = HandlerLoop.current ?? (try? HandlerLoop.background()) else {
            throw DatabaseError(.connectionLost(sent: false), "there is no thread to listen on")
        }
        let (stream, continuation) = AsyncStream.makeStream(
            of: DatabaseNotification.self, bufferingPolicy: .bufferingOldest(Subscription.capacity))
        let subscription = Subscription(continuation)
        continuation.onTermination = { _ in loop.run { subscription.end() } }
        loop.run { subscription.begin(driver, channel, loop) }
        return stream
    }
}

/// The way from a connection that listens to the reader of its notifications. On the loop only; hence unchecked.
private final class Subscription: @unchecked Sendable {
    static let capacity = 1_000

    private let continuation: AsyncStream<DatabaseNotification>.Continuation
    private var listening: (any Listening)?
    private var hasEnded = false
    /// Whether `.missed` was the last that was put into the buffer, because that was full but for a place or two.
    private var isBehind = false

    init(_ continuation: AsyncStream<DatabaseNotification>.Continuation) {
        self.continuation = continuation
    }

    func begin(_ driver: any NotifyingDriver, _ channel: String, _ loop: HandlerLoop) {
        guard !hasEnded else { return }
        listening = driver.listen(to: channel, on: loop) { [self] in deliver($0) }
    }

    func end() {
        hasEnded = true
        listening?.end()
        listening = nil
    }

    /// Puts a notification into the buffer, whose last place is kept for `.missed`: the reader gets that even if
    /// nothing comes any more.
    private func deliver(_ notification: DatabaseNotification) {
        guard !hasEnded else { return }
        if isBehind {
            // If there is no place, the `.missed` at the end is unread, and stands for this one, too.
            guard case .enqueued(let places) = continuation.yield(.missed), places > 1 else { return }
            isBehind = false
        }
        guard case .enqueued(let places) = continuation.yield(notification), places <= 1 else { return }
        continuation.yield(.missed)
        isBehind = true
    }
}
