import Synchronization

/// Sends mail: ``Sendmail``, ``MailFolder``, ``RecordingMailer``, or a service's interface of your own.
public protocol Mailer: Sendable {
    /// Sends a mail, or hands it on to whoever keeps trying.
    /// - Throws: ``MailError`` for a mail that cannot be sent.
    func send(_ message: MailMessage) async throws
}

/// Keeps mails in place of sending them, for tests. It refuses those that no mailer would send.
public final class RecordingMailer: Mailer {
    private let messages = Mutex<[MailMessage]>([])

    /// Makes a mailer without any mail.
    public init() {}

    /// The mails so far, in their order.
    public var sent: [MailMessage] { messages.withLock { $0 } }

    /// Keeps a mail.
    /// - Throws: ``MailError`` for a mail that cannot be sent.
    public func send(_ message: MailMessage) async throws {
        _ = try message.rendered(author: "author@localhost")
        messages.withLock { $0.append(message) }
    }
}
