public import Gatehouse

/// The way of a module's mail, from its settings.
///
/// ```yaml
/// settings:
///   mail: { from: "notes@example.org" }                      # by /usr/sbin/sendmail
///   mail: { from: "notes@example.org", sendmail: /usr/bin/msmtp }
///   mail: { from: "notes@example.org", folder: /tmp/mail }   # as files
/// ```
///
/// In `swift run` and in tests mail is not sent, unless the settings say how: it becomes files in `mail` of the
/// module's state folder.
public struct MailSettings: Decodable, Sendable, Equatable {
    /// The author of mails that have none.
    public var from: String

    /// The name of the author.
    public var name: String?

    /// The absolute path of the program that takes mail.
    public var sendmail: String?

    /// A folder for mails that are not sent.
    public var folder: String?

    /// Makes settings.
    public init(from: String, name: String? = nil, sendmail: String? = nil, folder: String? = nil) {
        self.from = from
        self.name = name
        self.sendmail = sendmail
        self.folder = folder
    }

    /// Makes the mailer.
    /// - Throws: ``MailError/address(_:)`` if `from` is no address, and an error of the state folder.
    public func mailer(_ context: ModuleContext) throws -> any Mailer {
        let author = MailAddress(from, name: name ?? "")
        guard author.isValid else { throw MailError.address(from) }
        if let folder { return MailFolder(folder, from: author, logger: context.logger) }
        if sendmail != nil || context.mode == .production {
            return Sendmail(from: author, path: sendmail ?? "/usr/sbin/sendmail")
        }
        return MailFolder(try context.stateFolder + "/mail", from: author, logger: context.logger)
    }
}
