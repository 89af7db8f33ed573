@testable import GatehouseWeb
import Testing

struct MailRenderingTests {
    private func lines(_ message: MailMessage) throws -> [String] {
        let bytes = try message.rendered(author: "notes@example.org", time: 1_795_919_767, id: "id")
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
    }

    @Test func `a short text is a mail of plain lines`() throws {
        let message = MailMessage(
            to: [MailAddress("ann@example.org", name: "Ann Lee")], subject: "Hello", text: "Hi.\n")
        #expect(
            try lines(message) == [
                "From: notes@example.org", "To: Ann Lee <ann@example.org>", "Subject: Hello",
                "Date: Sun, 29 Nov 2026 02:36:07 +0000", "Message-ID: <id@example.org>", "MIME-Version: 1.0",
                "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 7bit", "", "Hi.", "",
            ])
    }

    @Test func `lines end as the place wants it`() throws {
        let message = MailMessage(to: ["ann@example.org"], subject: "a", text: "1\r\n2\r3\n4")
        let lf = try message.rendered(author: "b@example.org", time: 0, id: "id")
        let crlf = try message.rendered(author: "b@example.org", lineEnd: .crlf, time: 0, id: "id")
        #expect(!lf.contains(0x0D) && lf.suffix(8).elementsEqual("1\n2\n3\n4\n".utf8))
        #expect(crlf.suffix(12).elementsEqual("1\r\n2\r\n3\r\n4\r\n".utf8))
        #expect(crlf.filter { $0 != 0x0D } == lf)
    }

    @Test func `blind copies are recipients, and in no head`() throws {
        var message = MailMessage(to: ["a@example.org", "b@example.org"], subject: "a", text: "b")
        message.cc = ["a@example.org"]
        message.bcc = ["secret@example.org"]
        #expect(message.recipients == ["a@example.org", "b@example.org", "secret@example.org"])
        #expect(try !lines(message).joined().contains("secret"))
        message.to = []
        message.cc = []
        #expect(try lines(message)[1] == "To: undisclosed-recipients:;")
    }

    @Test(arguments: [
        "a\nBcc: c@example.org", "a\r\nBcc: c@example.org", "a\rBcc: c@example.org", "a\0b", "a\u{85}b", "a\u{2028}b",
        "a\tb",
    ])
    func `row J5: a line end in a head is an error`(_ text: String) throws {
        func refused(_ change: (inout MailMessage) -> Void) -> Bool {
            var message = MailMessage(to: ["ann@example.org"], subject: "a", text: "b")
            change(&message)
            return (try? message.rendered(author: "notes@example.org")) == nil
        }
        #expect(!refused { _ in })
        #expect(refused { $0.subject = text })
        #expect(refused { $0.from = MailAddress("ann@example.org", name: text) })
        #expect(refused { $0.from = MailAddress(text + "@example.org") })
        #expect(refused { $0.to = [MailAddress("ann@example.org", name: text)] })
        #expect(refused { $0.to = [MailAddress("ann@example.org" + text)] })
        #expect(refused { $0.cc = [MailAddress(text)] })
        #expect(refused { $0.bcc = [MailAddress(text)] })
        #expect(refused { $0.replyTo = [MailAddress("ann@example.org", name: text)] })
        #expect(refused { $0.headers = [("X-Note", text)] })
        #expect(refused { $0.headers = [("X-Note: a\n" + text, "a")] })
        #expect(refused { $0.attachments = [MailAttachment(name: text, bytes: [])] })
        #expect(refused { $0.attachments = [MailAttachment(name: "a", contentType: "text/plain;" + text, bytes: [])] })
    }

    @Test(arguments: ["From", "bcc", "Content-Type", "content-anything", "Message-ID", "", "X Y", "X:"])
    func `a field that is the kit's own, or none, is an error`(_ name: String) {
        var message = MailMessage(to: ["ann@example.org"], subject: "a", text: "b")
        message.headers = [(name, "a")]
        #expect(throws: MailError.header(name)) { try message.rendered(author: "notes@example.org") }
    }

    @Test(arguments: [
        "ann@example.org", "a@b", "ann+tag@sub.example.org", "o'neil@example.org", "ann.lee@xn--bcher-kva.example",
        "a@123.example",
    ])
    func `an address is one`(_ address: String) { #expect(MailAddress(address).isValid) }

    @Test(arguments: [
        "", "@", "ann", "ann@", "@example.org", "ann@@example.org", "ann@example..org", "ann@.org", "ann@-a.org",
        "ann@a-.org", "a..b@example.org", ".a@example.org", "-oQ/tmp@example.org", "ann lee@example.org",
        "ann@exam ple.org", "\"ann lee\"@example.org", "änn@example.org", "ann@bücher.example",
        "ann@example.org,b@c.org",
        "ann@example.org>", "ann@[127.0.0.1]", "ann@example.org\n",
    ])
    func `row J5: what is no address is refused`(_ address: String) {
        #expect(!MailAddress(address).isValid)
        #expect(throws: MailError.address(address)) {
            try MailMessage(to: [MailAddress(address)], subject: "a").rendered(author: "notes@example.org")
        }
    }

    @Test func `a mail has an author, a recipient and a bound`() {
        let address = MailAddress("ann@example.org")
        #expect(throws: MailError.noAuthor) { try MailMessage(to: [address], subject: "a").rendered() }
        #expect(throws: MailError.recipients(0)) { try MailMessage(to: [], subject: "a").rendered(author: address) }
        #expect(throws: MailError.recipients(101)) {
            try MailMessage(to: Array(repeating: address, count: 101), subject: "a").rendered(author: address)
        }
        #expect(throws: MailError.tooLarge) {
            try MailMessage(
                to: [address], subject: "a",
                attachments: [MailAttachment(name: "a", bytes: Array(repeating: 0, count: MailMessage.mostBytes + 1))]
            ).rendered(author: address)
        }
    }

    @Test func `a date is written in English, with its day of the week`() {
        #expect(MailMessage.date(0) == "Thu, 1 Jan 1970 00:00:00 +0000")
        #expect(MailMessage.date(1_709_164_799) == "Wed, 28 Feb 2024 23:59:59 +0000")
        #expect(MailMessage.date(.max).hasSuffix("31 Dec 9999 23:59:59 +0000"))
        #expect(MailMessage.date(.min).hasPrefix("Thu, 1 Jan 1970"))
    }
}
