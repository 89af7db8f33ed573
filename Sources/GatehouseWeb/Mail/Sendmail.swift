/// Sends mail by this host's `sendmail`: that of Postfix, Exim, OpenSMTPD, msmtp, dma or nullmailer. It keeps what the
/// next server does not take at once, and tries again, which no request could wait for.
///
/// Recipients are arguments behind `--`, so that blind copies are in no head, and no text can add one.
public struct Sendmail: Mailer {
    /// The program; its deadline is 30 seconds.
    public var program: Program

    /// The author of mails that have none, and the sender that complaints about undeliverable mail go to.
    public var from: MailAddress

    /// - Parameters:
    ///   - from: the author of mails that have none.
    ///   - path: the absolute path of the program.
    public init(from: MailAddress, path: String = "/usr/sbin/sendmail") {
        self.from = from
        program = Program(path, [], deadline: .seconds(30), outputLimit: 64 << 10)
    }

    /// Hands a mail to the program, and waits until it has taken it.
    /// - Throws: ``MailError``; ``BusyError``, which is a 503, if too many programs run and wait.
    public func send(_ message: MailMessage) async throws {
        let bytes = try message.rendered(author: from)
        let sender = from.isValid ? from.address : message.from?.address ?? from.address
        var program = program
        // -i: a line with a single dot does not end the mail. -f: the envelope's sender.
        program.arguments += ["-i", "-f", sender, "--"] + message.recipients
        do {
            _ = try await program.output(input: .bytes(bytes))
        } catch let error as ProgramError {
            throw MailError.notSent("\(error)")
        }
    }
}
