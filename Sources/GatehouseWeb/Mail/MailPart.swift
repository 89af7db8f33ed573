/// A part of a mail: the last fields of its head, an empty line, and its body (RFC 2046).
struct MailPart {
    let bytes: [UInt8]

    private init(_ fields: [String], _ body: [UInt8]) {
        bytes = Array(fields.joined(separator: "\n").utf8) + [0x0A, 0x0A] + body
    }

    /// The plain text, the HTML, or both for the reader to choose from; with files behind it, if there are any.
    static func body(of message: MailMessage) -> MailPart {
        var texts: [MailPart] = []
        if !message.text.isEmpty || message.html.isEmpty { texts.append(text("plain", message.text)) }
        if !message.html.isEmpty { texts.append(text("html", message.html)) }
        let content = texts.count == 1 ? texts[0] : multipart("alternative", texts)
        if message.attachments.isEmpty { return content }
        return multipart("mixed", [content] + message.attachments.map(file))
    }

    private static func text(_ subtype: String, _ text: String) -> MailPart {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var previous: UInt8 = 0
        for byte in text.utf8 {
            // CR LF, CR and LF are one line end each.
            if byte != 0x0A || previous != 0x0D { bytes.append(byte == 0x0D ? 0x0A : byte) }
            previous = byte
        }
        let encoding = TransferEncoding.best(for: bytes)
        return MailPart(
            ["Content-Type: text/\(subtype); charset=utf-8", "Content-Transfer-Encoding: \(encoding.rawValue)"],
            encoding.encode(bytes))
    }

    private static func file(_ attachment: MailAttachment) -> MailPart {
        MailPart(
            [
                "Content-Type: \(attachment.contentType)", "Content-Transfer-Encoding: base64",
                "Content-Disposition: attachment" + MailHeader.parameter("filename", attachment.name),
            ],
            TransferEncoding.base64.encode(attachment.bytes))
    }

    private static func multipart(_ subtype: String, _ parts: [MailPart]) -> MailPart {
        // Nobody can guess it, so nobody can write it into a text.
        let boundary = "=_" + Base64URL.encode(RandomBytes.make(18))
        var body: [UInt8] = []
        for part in parts {
            body += "--\(boundary)\n".utf8
            body += part.bytes
            body.append(0x0A)
        }
        body += "--\(boundary)--\n".utf8
        return MailPart(["Content-Type: multipart/\(subtype);\n boundary=\"\(boundary)\""], body)
    }
}
