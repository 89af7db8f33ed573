import FoundationEssentials
import GatehouseWeb
import Glibc
import Logging
import ServiceLifecycle
import Testing

struct MailerTests {
    private let message = MailMessage(
        to: [MailAddress("ann@example.org", name: "Ann")], subject: "Hello", text: ".\nBcc: c@example.org\n")

    /// A folder that is gone afterwards.
    private func withFolder(_ body: (String) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.path + "/gatehouse-mail-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try await body(path)
    }

    /// A `sendmail` of a few lines. The shell reads them: the system does not run a file that a process which is just
    /// being started still has open for writing.
    private func fakeSendmail(_ script: String) -> Sendmail {
        var mailer = Sendmail(from: "notes@example.org")
        mailer.program.path = "/bin/sh"
        mailer.program.arguments = ["-c", script, "sendmail"]
        return mailer
    }

    @Test func `row J5: sendmail gets the recipients as arguments, and the mail as its input`() async throws {
        try await withFolder { folder in
            let mailer = fakeSendmail(
                "for a in \"$@\"; do echo \"$a\"; done > \(folder)/arguments; cat > \(folder)/mail")
            var message = message
            message.bcc = ["secret@example.org"]
            try await mailer.send(message)
            let arguments = try String(contentsOfFile: folder + "/arguments", encoding: .utf8)
            #expect(arguments == "-i\n-f\nnotes@example.org\n--\nann@example.org\nsecret@example.org\n")
            let mail = try String(contentsOfFile: folder + "/mail", encoding: .utf8)
            #expect(mail.hasPrefix("From: notes@example.org\nTo: Ann <ann@example.org>\n") && !mail.contains("secret"))
        }
    }

    @Test func `a mail that sendmail does not take is an error with its reason`() async throws {
        let error = try await #require(throws: MailError.self) {
            try await fakeSendmail("echo 'no such queue' >&2; exit 75").send(message)
        }
        #expect(error.description == "a mail was not sent: /bin/sh failed with status 75: no such queue")
        await #expect(throws: MailError.self) {
            try await Sendmail(from: "notes@example.org", path: "/nowhere/sendmail").send(message)
        }
    }

    @Test func `a folder gets a file for each mail`() async throws {
        try await withFolder { folder in
            let mailer = MailFolder(folder + "/new/mail", from: "notes@example.org")
            try await mailer.send(message)
            try await mailer.send(message)
            let files = try FileManager.default.contentsOfDirectory(atPath: mailer.path)
            #expect(files.count == 2 && files.allSatisfy { $0.hasSuffix(".eml") })
        }
        await #expect(throws: MailError.self) {
            try await MailFolder("/proc/nothing", from: "notes@example.org").send(message)
        }
    }

    @Test func `a test reads the mails that were sent, and none that could not be`() async throws {
        let mailer = RecordingMailer()
        try await mailer.send(message)
        await #expect(throws: MailError.recipients(0)) { try await mailer.send(MailMessage(to: [], subject: "a")) }
        #expect(mailer.sent == [message])
    }

    @Test func `a queue sends what waits before it ends, and goes on after a mail that fails`() async throws {
        struct Refusing: Mailer {
            let mailer: RecordingMailer

            func send(_ message: MailMessage) async throws {
                guard message.subject != "refused" else { throw MailError.notSent("refused") }
                try await mailer.send(message)
            }
        }
        let mailer = RecordingMailer()
        let queue = MailQueue(Refusing(mailer: mailer), logger: Logger(label: "mail"), limit: 2)
        var refused = message
        refused.subject = "refused"
        try await queue.send(refused)
        try await queue.send(message)
        await #expect(throws: MailError.notSent("2 mails wait already")) { try await queue.send(message) }
        await #expect(throws: MailError.recipients(0)) { try await queue.send(MailMessage(to: [], subject: "a")) }
        let group = ServiceGroup(services: [queue], logger: Logger(label: "mail"))
        async let running: Void = group.run()
        await group.triggerGracefulShutdown()
        try await running
        #expect(mailer.sent == [message])
        await #expect(throws: MailError.self) { try await queue.send(message) }
    }
}
