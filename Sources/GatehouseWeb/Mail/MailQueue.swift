public import Logging
public import ServiceLifecycle
import Synchronization

/// Sends mail behind the request: the answer does not wait for the mailer, and does not tell by its time whether a mail
/// was sent.
///
/// ```swift
/// let mail: MailQueue                              // mail = MailQueue(mailer, logger: context.logger)
/// var services: [any Service] { [database, mail] }
/// ```
///
/// What waits is sent before the worker ends. It is lost if the worker crashes; a job of the database is not.
public final class MailQueue: Mailer, Service {
    private let mailer: any Mailer
    private let logger: Logger
    private let limit: Int
    private let waiting = Mutex(0)
    private let messages: AsyncStream<MailMessage>
    private let entry: AsyncStream<MailMessage>.Continuation

    /// - Parameters:
    ///   - mailer: the mailer that sends.
    ///   - logger: the log for mails that were not sent.
    ///   - limit: the most mails that may wait.
    public init(_ mailer: any Mailer, logger: Logger, limit: Int = 100) {
        self.mailer = mailer
        self.logger = logger
        self.limit = limit
        (messages, entry) = AsyncStream.makeStream()
    }

    /// Takes a mail, to be sent soon. It is checked now: what cannot be sent is this caller's error.
    /// - Throws: ``MailError``; `.notSent` if too many wait, or the worker is ending.
    public func send(_ message: MailMessage) async throws {
        _ = try message.rendered(author: "author@localhost")
        let hasRoom = waiting.withLock { waiting in
            guard waiting < limit else { return false }
            waiting += 1
            return true
        }
        guard hasRoom else { throw MailError.notSent("\(limit) mails wait already") }
        guard case .enqueued = entry.yield(message) else {
            waiting.withLock { $0 -= 1 }
            throw MailError.notSent("the worker is ending")
        }
    }

    /// Sends what comes until the worker ends, and then what waits.
    public func run() async {
        await withGracefulShutdownHandler {
            for await message in messages {
                do { try await mailer.send(message) } catch { logger.error("\(error)") }
                waiting.withLock { $0 -= 1 }
            }
        } onGracefulShutdown: {
            self.entry.finish()
        }
    }
}
