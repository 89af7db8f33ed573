public import Hummingbird
import Logging

/// A mail that cannot be sent.
public enum MailError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The mail has no author: neither its own nor the mailer's.
    case noAuthor
    /// The mail has no recipient, or more than ``MailMessage/mostRecipients``.
    case recipients(Int)
    /// An address is none that mail can be sent to.
    case address(String)
    /// A field of the head has a line end or another control character, or a name that is none or the kit's own.
    case header(String)
    /// A file's name or media type is none.
    case attachment(String)
    /// The mail has more bytes than ``MailMessage/mostBytes``.
    case tooLarge
    /// The way out is closed: a program failed, a folder cannot be written, a queue is full.
    case notSent(String)

    /// The error, for the log. It names addresses and fields, and has no text of the mail.
    public var description: String {
        switch self {
        case .noAuthor: "a mail has no author: give the mailer one, or the message"
        case .recipients(let count): "a mail has \(count) recipients: 1 to \(MailMessage.mostRecipients) are allowed"
        case .address(let address): "no mail can be sent to or from the address \"\(MailHeader.printable(address))\""
        case .header(let name):
            "the field \(MailHeader.printable(name)) of a mail is reserved, malformed or has a control character"
        case .attachment(let name): "the attachment \"\(MailHeader.printable(name))\" has a malformed name or type"
        case .tooLarge: "a mail has more than \(MailMessage.mostBytes) bytes"
        case .notSent(let reason): "a mail was not sent: \(reason)"
        }
    }
}

extension MailError: HTTPResponseError {
    /// 422 for an address that a client may have typed, 503 if the way out is closed, else 500.
    public var status: HTTPResponse.Status {
        switch self {
        case .address: .unprocessableContent
        case .notSent: .serviceUnavailable
        case .noAuthor, .recipients, .header, .attachment, .tooLarge: .internalServerError
        }
    }

    /// The response if no handler takes the error: its status, without a body. The log has the description.
    public func response(from request: Request, context: some RequestContext) throws -> Response {
        context.logger.log(level: status == .unprocessableContent ? .info : .error, "\(description)")
        return Response(status: status)
    }
}
