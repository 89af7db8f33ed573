import GatehouseDatabase
import GatehouseServer
import Testing

/// The way of notifications to a reader who is slow.
struct NotificationTests {
    /// A driver whose server notifies when a test says so.
    private final class Notifier: NotifyingDriver {
        let dialect = Dialect.postgreSQL
        let place = "a test"
        private let deliveries = AsyncStream.makeStream(of: Delivery.self)

        struct Delivery: @unchecked Sendable {
            let loop: HandlerLoop
            let deliver: (DatabaseNotification) -> Void

            /// Delivers notifications of numbers, and waits until that is done.
            func callAsFunction(_ numbers: ClosedRange<Int>) async {
                await withCheckedContinuation { continuation in
                    loop.run {
                        for number in numbers { deliver(NotificationTests.notification(number)) }
                        continuation.resume()
                    }
                }
            }
        }

        private final class Listener: Listening {
            func end() {}
        }

        func connect(
            on loop: HandlerLoop, completion: @escaping @Sendable (Result<any Connection, DatabaseError>) -> Void
        ) {
            completion(.failure(DatabaseError(.connectionLost(sent: false), "there is no server")))
        }

        func listen(
            to channel: String, on loop: HandlerLoop, deliver: @escaping (DatabaseNotification) -> Void
        ) -> any Listening {
            deliveries.continuation.yield(Delivery(loop: loop, deliver: deliver))
            return Listener()
        }

        /// The first that listens.
        func listener() async -> Delivery? {
            for await delivery in deliveries.stream { return delivery }
            return nil
        }
    }

    private static func notification(_ number: Int) -> DatabaseNotification {
        .notification(channel: "a", payload: "\(number)", processID: 1)
    }

    private func database(_ notifier: Notifier) -> Database {
        let settings = DatabaseSettings(url: "test:")
        return Database(
            source: Pool(notifier, settings), settings: settings, place: "a test", context: testContext())
    }

    @Test func `a reader that was too slow hears of it, even if nothing comes any more`() async throws {
        let notifier = Notifier()
        let sequence = try database(notifier).notifications(on: "a")
        let notify = try #require(await notifier.listener())
        await notify(1...5_000)
        var numbers = 0
        var misses = 0
        for await notification in sequence {
            if notification == .missed {
                misses += 1
                // The first says all that there is to say; what comes then is not lost.
                if misses == 1 { await notify(5_001...5_001) }
                continue
            }
            if notification == Self.notification(5_001) { break }
            numbers += 1
            #expect(misses == 0 && notification == Self.notification(numbers))
        }
        #expect(numbers == 999 && misses >= 1)
    }

    @Test func `a reader that keeps up misses nothing`() async throws {
        let notifier = Notifier()
        let sequence = try database(notifier).notifications(on: "a")
        let notify = try #require(await notifier.listener())
        await notify(1...998)
        var next = 1
        for await notification in sequence {
            #expect(notification == Self.notification(next))
            if next == 998 { break }
            next += 1
        }
    }
}
