import FoundationEssentials
import GatehouseSystem
import Glibc

extension MailMessage {
    /// The most recipients of one mail: a server takes at least a hundred (RFC 5321, section 4.5.3.1.8).
    public static let mostRecipients = 100
    /// The most bytes of texts and files together: servers seldom take more than 25 MB, and base64 adds a third.
    public static let mostBytes = 18 << 20

    /// The end of each line.
    public enum LineEnd: Sendable {
        /// LF, for programs and files of this system.
        case lf
        /// CR and LF, for the wire (RFC 5322, section 2.3).
        case crlf
    }

    /// The mail as RFC 5322 and MIME (RFC 2045) have it, in ASCII. Recipients of blind copies are not in it.
    /// - Parameters:
    ///   - author: the author if the mail has none of its own.
    ///   - lineEnd: the end of each line.
    ///   - time: the `Date`, in seconds since 1970; by default now.
    ///   - id: the part of the `Message-ID` before the `@`; by default a random one.
    /// - Throws: ``MailError``.
    public func rendered(
        author: MailAddress? = nil, lineEnd: LineEnd = .lf, time: Int? = nil, id: String? = nil
    ) throws(MailError) -> [UInt8] {
        guard let from = from ?? author else { throw .noAuthor }
        try check(from)
        var head = [MailHeader.addresses("From", [from])]
        for (name, addresses) in [("To", to), ("Cc", cc), ("Reply-To", replyTo)] where !addresses.isEmpty {
            head.append(MailHeader.addresses(name, addresses))
        }
        // A head needs a recipient's field: this is the form for those who are not to be seen.
        if to.isEmpty, cc.isEmpty { head.append("To: undisclosed-recipients:;") }
        head.append(MailHeader.unstructured("Subject", subject))
        head.append("Date: \(Self.date(time ?? UTCTime.now().secondsSince1970))")
        let domain = from.address.utf8.lastIndex(of: UInt8(ascii: "@")).map { String(from.address[$0...]) } ?? ""
        head.append("Message-ID: <\(id ?? Base64URL.encode(RandomBytes.make(16)))\(domain)>")
        for header in headers { head.append(MailHeader.unstructured(header.name, header.value)) }
        head.append("MIME-Version: 1.0")
        let body = MailPart.body(of: self)
        var bytes = Array(head.joined(separator: "\n").utf8) + [0x0A] + body.bytes
        if bytes.last != 0x0A { bytes.append(0x0A) }
        guard lineEnd == .crlf else { return bytes }
        return bytes.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] }
    }

    /// The fields that a mail makes by itself, in small letters.
    private static let ownFields: Set<String> = [
        "from", "to", "cc", "bcc", "reply-to", "sender", "subject", "date", "message-id", "mime-version",
    ]

    private func check(_ from: MailAddress) throws(MailError) {
        let count = to.count + cc.count + bcc.count
        guard (1...Self.mostRecipients).contains(count) else { throw .recipients(count) }
        guard replyTo.count <= Self.mostRecipients else { throw .recipients(replyTo.count) }
        for address in [from] + to + cc + bcc + replyTo where !address.isValid { throw .address(address.address) }
        guard !MailHeader.hasControls(subject), subject.utf8.count <= 2_000 else { throw .header("Subject") }
        guard headers.count <= 50 else { throw .header("50 and more") }
        for (name, value) in headers {
            let small = name.lowercased()
            guard (1...40).contains(name.utf8.count), name.utf8.allSatisfy(MailAddress.isAtomCharacter),
                !Self.ownFields.contains(small), !small.hasPrefix("content-"), !MailHeader.hasControls(value),
                value.utf8.count <= 2_000
            else { throw .header(name) }
        }
        var size = text.utf8.count + html.utf8.count
        for attachment in attachments {
            guard attachment.isWellFormed else { throw .attachment(attachment.name) }
            size += attachment.bytes.count
        }
        guard size <= Self.mostBytes, attachments.count <= 100 else { throw .tooLarge }
    }

    /// `Sun, 29 Nov 2026 02:36:07 +0000` (RFC 5322, section 3.3).
    static func date(_ seconds: Int) -> String {
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        var parts = tm(), moment = time_t(min(max(0, seconds), 253_402_300_799))
        gmtime_r(&moment, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(days[Int(parts.tm_wday)]), \(parts.tm_mday) \(months[Int(parts.tm_mon)]) \(parts.tm_year + 1_900) "
            + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) +0000"
    }
}

extension MailAttachment {
    /// Whether the name is a file's and the type a media type without parameters.
    var isWellFormed: Bool {
        let type = contentType.split(separator: "/", omittingEmptySubsequences: false)
        return (1...255).contains(name.utf8.count) && !name.contains("/") && !MailHeader.hasControls(name)
            && contentType.utf8.count <= 100 && type.count == 2
            && type.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(MailAddress.isAtomCharacter) }
    }
}
