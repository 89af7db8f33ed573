/// A mail: to whom, from whom, and its text.
///
/// ```swift
/// var message = MailMessage(to: [MailAddress(user.email, name: user.name)], subject: "Your new password")
/// message.text = "Follow this link within an hour: \(link)\n"
/// try await mailer.send(message)
/// ```
///
/// Any of it may come from a client: a line end in a header, which would begin another header, is an error and no mail.
public struct MailMessage: Sendable, Equatable {
    /// The author; `nil` for the one that the ``Mailer`` is set up with.
    public var from: MailAddress?

    /// The recipients.
    public var to: [MailAddress]

    /// The recipients of a copy.
    public var cc: [MailAddress] = []

    /// The recipients that the others do not see.
    public var bcc: [MailAddress] = []

    /// The addresses that answers go to, if not the author's.
    public var replyTo: [MailAddress] = []

    /// The subject, in any script.
    public var subject: String

    /// The plain text; empty for none.
    public var text: String

    /// The text as HTML, beside the plain one or alone; empty for none.
    public var html: String

    /// The files.
    public var attachments: [MailAttachment] = []

    /// Further fields of the head, such as `List-Unsubscribe`; those that this type makes by itself are refused.
    public var headers: [(name: String, value: String)] = []

    /// Makes a mail.
    public init(
        from: MailAddress? = nil, to: [MailAddress], subject: String, text: String = "", html: String = "",
        attachments: [MailAttachment] = []
    ) {
        self.from = from
        self.to = to
        self.subject = subject
        self.text = text
        self.html = html
        self.attachments = attachments
    }

    /// All recipients' addresses, each once, in their order.
    public var recipients: [String] {
        var seen: Set<String> = []
        return (to + cc + bcc).map(\.address).filter { seen.insert($0).inserted }
    }

    /// Whether two mails say the same.
    public static func == (left: MailMessage, right: MailMessage) -> Bool {
        left.from == right.from && left.to == right.to && left.cc == right.cc && left.bcc == right.bcc
            && left.replyTo == right.replyTo && left.subject == right.subject && left.text == right.text
            && left.html == right.html && left.attachments == right.attachments
            && left.headers.elementsEqual(right.headers) { $0 == $1 }
    }
}

/// A file of a mail.
public struct MailAttachment: Sendable, Equatable {
    /// The file's name, without a path.
    public var name: String

    /// The media type: `application/pdf`.
    public var contentType: String

    /// The content.
    public var bytes: [UInt8]

    /// Makes a file.
    public init(name: String, contentType: String = "application/octet-stream", bytes: [UInt8]) {
        self.name = name
        self.contentType = contentType
        self.bytes = bytes
    }
}
