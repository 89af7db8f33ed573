public import Hummingbird

/// A path on this host, checked: a place to which a client's own words (`?next=…`) may send him.
///
/// Browsers take `//evil.example`, `/\evil.example` and `/<tab>/evil.example` for another host, and anything with a
/// scheme for another place altogether. None of these is a local path.
public struct LocalPath: Sendable, Equatable, CustomStringConvertible {
    /// The most bytes.
    public static let longest = 2_048

    /// The path with its query and fragment: `/notes?page=2`.
    public let text: String

    /// Takes a path; `nil` for a text that might lead anywhere else, or that no header can carry: it must begin with
    /// exactly one slash, and have ASCII characters without spaces, controls and backslashes.
    public init?(_ text: some StringProtocol) {
        let bytes = text.utf8
        guard (1...Self.longest).contains(bytes.count), bytes.first == UInt8(ascii: "/"),
            bytes.dropFirst().first != UInt8(ascii: "/"),
            bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\\") })
        else { return nil }
        self.text = String(text)
    }

    /// The path.
    public var description: String { text }
}

extension WebRequestContext {
    /// Sends the client to a path that it has named itself, if that is on this host; otherwise to another one.
    /// - Parameters:
    ///   - path: a text from a form or a query, not checked.
    ///   - otherwise: the place for any text that is no ``LocalPath``; `nil` is the module's own front page.
    public func redirect(toLocal path: (some StringProtocol)?, otherwise: String? = nil) -> Response {
        let local = path.flatMap { LocalPath($0) }?.text
        return .redirect(to: local ?? otherwise ?? mountPath + "/", type: .normal)
    }
}
