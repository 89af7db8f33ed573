import FoundationEssentials
import GatehouseServer
import GatehouseSystem
public import Logging

/// Writes each mail as a file `….eml` into a folder in place of sending it, for development: mail programs open such
/// files.
public struct MailFolder: Mailer {
    /// The folder. It is made if it is not there.
    public let path: String

    /// The author of mails that have none.
    public let from: MailAddress

    private let logger: Logger?

    /// - Parameters:
    ///   - path: the folder's path.
    ///   - from: the author of mails that have none.
    ///   - logger: a log for each file's path; `nil` for none.
    public init(_ path: String, from: MailAddress, logger: Logger? = nil) {
        self.path = path
        self.from = from
        self.logger = logger
    }

    /// Writes a mail.
    /// - Throws: ``MailError``.
    public func send(_ message: MailMessage) async throws {
        let bytes = try message.rendered(author: from)
        // By time, so that a list of names is in the mails' order.
        let time = UTCTime.now()
        let file = "\(path)/\(time.millisecondsSince1970)-\(Base64URL.encode(RandomBytes.make(6))).eml"
        do {
            try await BlockingThreads.run {
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
                try Data(bytes).write(to: URL(filePath: file), options: .atomic)
            }
        } catch {
            throw MailError.notSent("the file \(file) cannot be written: \(error)")
        }
        logger?.info("a mail is in \(file)")
    }
}
