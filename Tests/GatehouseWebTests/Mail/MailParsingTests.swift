import FoundationEssentials
import GatehouseWeb
import Testing

/// Mails as another program reads them: Python's `email`, with its strict policy.
struct MailParsingTests {
    /// A mail as Python has read it.
    private struct Reading: Decodable {
        var head: [String: String]
        var to: [[String]]
        var defects: [String]
        var longestLine: Int
        var isASCII: Bool
        var parts: [Part]

        struct Part: Decodable {
            var type: String
            var name: String?
            var text: String?
            var base64: String?
        }
    }

    private static let reader = """
        import base64, email, email.policy, json, sys
        bytes = sys.stdin.buffer.read()
        mail = email.message_from_bytes(bytes, policy=email.policy.SMTP)
        defects = [repr(d) for p in mail.walk() for d in p.defects]
        defects += [repr(d) for v in mail.values() for d in v.defects]
        parts = []
        for part in mail.walk():
            if part.is_multipart():
                parts.append({"type": part.get_content_type()})
            elif part.is_attachment():
                parts.append({"type": part.get_content_type(), "name": part.get_filename(),
                              "base64": base64.b64encode(part.get_payload(decode=True)).decode()})
            else:
                parts.append({"type": part.get_content_type(), "text": part.get_content()})
        print(json.dumps({
            "head": {name.lower(): str(value) for name, value in mail.items()},
            "to": [[a.display_name, a.addr_spec] for a in mail["to"].addresses], "defects": defects, "parts": parts,
            "longestLine": max(map(len, bytes.split(b"\\n"))), "isASCII": bytes.isascii()}))
        """

    private func read(_ message: MailMessage, _ lineEnd: MailMessage.LineEnd = .lf) async throws -> Reading {
        let bytes = try message.rendered(author: "notes@example.org", lineEnd: lineEnd)
        let json = try await Program("/usr/bin/python3", ["-c", Self.reader]).output(input: .bytes(bytes))
        let reading = try JSONDecoder().decode(Reading.self, from: Data(json))
        #expect(reading.defects == [] && reading.isASCII && reading.longestLine <= 78)
        return reading
    }

    private static let longSubjects = [
        String(repeating: "many plain words ", count: 20) + "end", String(repeating: "x", count: 300),
        String(repeating: "日本語", count: 100),
    ]

    @Test(arguments: longSubjects) func `a long subject arrives as it was`(_ text: String) async throws {
        var message = MailMessage(to: ["ann@example.org"], subject: text, text: "a")
        message.headers = [("X-A-Field-Whose-Name-Is-Rather-Long-1234", text)]
        let reading = try await read(message)
        #expect(reading.head["subject"] == text)
        #expect(reading.head["x-a-field-whose-name-is-rather-long-1234"] == text)
    }

    private static let texts = [
        "Hi.", "Grüße aus Köln, 日本語 🔑", "= equals =3D signs =\n=", "trailing blanks  \t\nand \n\n",
        ".\n..\n.leading dots", "From the beginning\nFrom here", "a\u{0}b\u{7F}",
        String(repeating: "long ", count: 300),
        String(repeating: "ü", count: 300), String(repeating: "x", count: 75) + ".",
        String(repeating: "x", count: 76) + "=",
        String(repeating: "a", count: 74) + " \nb", "--=_boundary\n\n--=_boundary--",
        (0..<200).map { String(repeating: "e", count: $0) + "é." }.joined(separator: "\n"),
    ]

    @Test(arguments: texts, [MailMessage.LineEnd.lf, .crlf])
    func `a text arrives as it was`(_ text: String, _ lineEnd: MailMessage.LineEnd) async throws {
        let reading = try await read(
            MailMessage(to: ["ann@example.org"], subject: "a", text: text, html: text), lineEnd)
        #expect(reading.parts.map(\.type) == ["multipart/alternative", "text/plain", "text/html"])
        for part in reading.parts.dropFirst() {
            let arrived = part.text?.replacing("\r\n", with: "\n")
            #expect(arrived == text || arrived == text + "\n")
        }
    }

    @Test(arguments: [
        "Hello", "Grüße 🔑", "=?utf-8?B?QQ==?= is no encoded word", " blanks  inside and at both ends ", "",
        "a, b; c: <d> \"e\" (f) @ g \\ h",
    ])
    func `a subject and a name arrive as they were`(_ text: String) async throws {
        var message = MailMessage(
            to: [MailAddress("ann@example.org", name: text), MailAddress("bob@example.org", name: "Bob B.")],
            subject: text, text: "a")
        message.replyTo = [MailAddress("reply@example.org", name: text)]
        message.headers = [("List-Unsubscribe", "<https://example.org/leave>")]
        let reading = try await read(message)
        #expect(reading.head["subject"] == text)
        #expect(reading.to == [[text, "ann@example.org"], ["Bob B.", "bob@example.org"]])
        #expect(reading.head["list-unsubscribe"] == "<https://example.org/leave>")
        #expect(reading.head["from"] == "notes@example.org")
    }

    @Test(arguments: ["a.pdf", "Rechnung für Ann.pdf", "quote\" and \\.txt", String(repeating: "日本語", count: 20)])
    func `a file arrives as it was`(_ name: String) async throws {
        let bytes = (0..<1_000).map { UInt8(truncatingIfNeeded: $0) }
        let message = MailMessage(
            to: ["ann@example.org"], subject: "a", text: "b",
            attachments: [
                MailAttachment(name: name, contentType: "application/pdf", bytes: bytes),
                MailAttachment(name: "empty", bytes: []),
            ])
        let reading = try await read(message)
        #expect(
            reading.parts.map(\.type) == [
                "multipart/mixed", "text/plain", "application/pdf", "application/octet-stream",
            ])
        #expect(reading.parts[2].name == name && reading.parts[2].base64 == Data(bytes).base64EncodedString())
        #expect(reading.parts[3].name == "empty" && reading.parts[3].base64 == "")
    }
}
