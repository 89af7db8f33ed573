import CGatehouseDatabase
import GatehouseServer
import Logging
import Synchronization

/// The cancel requests that are on their way to a server, each on a thread, because libpq makes a connection of its own
/// for one, and waits.
///
/// A host that does not answer ends it after the time for connecting (`tcp_user_timeout`, since libpq 15), one that is
/// gone later by keep-alives. A server that takes connections and says nothing keeps a thread for each until it goes on
/// or ends, so that only some are sent at a time. Who cancels does not wait for any of them: his connection is closed
/// soon.
final class PostgreSQLCancellations: Sendable {
    /// The most requests at a time.
    static let limit = 16

    private let logger: Logger
    private let place: String
    private let running = Atomic(0)

    init(logger: Logger, place: String) {
        self.logger = logger
        self.place = place
    }

    /// The requests that have no answer yet.
    var count: Int { running.load(ordering: .relaxed) }

    /// Asks the server to end what a connection runs.
    func send(for connection: OpaquePointer) {
        guard running.add(1, ordering: .relaxed).newValue <= Self.limit else {
            running.subtract(1, ordering: .relaxed)
            return logger.warning(
                "does not cancel a statement at \(place): \(Self.limit) cancel requests have no answer yet")
        }
        guard let cancel = gatehouse_pq_get_cancel(connection) else {
            running.subtract(1, ordering: .relaxed)
            return
        }
        let request = Request(cancel: cancel)
        do {
            try PlainThread.run { [self] in
                _ = gatehouse_pq_cancel_and_free(request.cancel)
                running.subtract(1, ordering: .relaxed)
            }
        } catch {
            // The operating system has no thread.
            gatehouse_pq_free_cancel(cancel)
            running.subtract(1, ordering: .relaxed)
            logger.warning("cannot cancel a statement: \(error)")
        }
    }

    /// A request on its way to the thread that sends it; nobody else has it, hence `@unchecked`.
    private struct Request: @unchecked Sendable {
        let cancel: OpaquePointer
    }
}
