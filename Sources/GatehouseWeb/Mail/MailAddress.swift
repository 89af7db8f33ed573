/// A mailbox: an address, and the name of whoever has it.
///
/// It is checked when a message is rendered. ``isValid`` checks it for a form.
public struct MailAddress: Sendable, Hashable {
    /// The address: `ann@example.org`.
    public var address: String

    /// The name that people see; empty for none.
    public var name: String

    /// Makes a mailbox.
    public init(_ address: String, name: String = "") {
        self.address = address
        self.name = name
    }

    /// Whether mail can be sent to it: a local part of the usual characters (RFC 5321, dot-string), and a domain name.
    /// Whether somebody has it is known only when a mail has arrived.
    ///
    /// Quoted local parts, addresses in other scripts (SMTPUTF8), and a minus sign in front, which a program could take
    /// for an option, are refused. A domain in another script is written in its ASCII form (`xn--…`).
    public var isValid: Bool { Self.isValid(address) && !MailHeader.hasControls(name) }

    /// The most bytes of an address (RFC 5321, section 4.5.3.1).
    private static let longest = 254
    private static let longestLocalPart = 64

    private static func isValid(_ address: String) -> Bool {
        guard address.utf8.count <= longest, let at = address.utf8.lastIndex(of: UInt8(ascii: "@")) else {
            return false
        }
        let local = address.utf8[..<at], domain = address.utf8[address.utf8.index(after: at)...]
        return local.count <= longestLocalPart && local.first != UInt8(ascii: "-")
            && parts(local).allSatisfy { !$0.isEmpty && $0.allSatisfy(isAtomCharacter) }
            && domain.count <= 253 && parts(domain).allSatisfy(isLabel)
    }

    private static func parts(_ bytes: Substring.UTF8View) -> [Substring.UTF8View] {
        bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    }

    private static func isLabel(_ label: Substring.UTF8View) -> Bool {
        (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
            && label.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }

    private static let marks = Set("!#$%&'*+-/=?^_`{|}~".utf8)

    /// A character of an atom (RFC 5322, section 3.2.3).
    static func isAtomCharacter(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || marks.contains(byte) }
}

extension MailAddress: ExpressibleByStringLiteral {
    /// Makes a mailbox without a name.
    public init(stringLiteral value: String) { self.init(value) }
}
