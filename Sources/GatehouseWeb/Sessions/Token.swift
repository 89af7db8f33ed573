import Crypto

/// A secret of 32 random bytes that a client keeps: the id of a session, a link for a new password.
///
/// A database keeps ``hash`` and never the token, so that whoever reads the database can use none of them. Its
/// description does not show it.
public struct Token: Sendable {
    /// The token as clients have it: 43 characters of ``Base64URL``.
    public let text: String

    /// The length of ``text``, in characters.
    public static let length = 43

    /// Makes a new token.
    public init() {
        text = Base64URL.encode(RandomBytes.make(32))
    }

    /// Takes a token that a client has sent; `nil` for a text that can be none.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == Self.length, Base64URL.decode(text) != nil else { return nil }
        self.text = String(text)
    }

    /// The SHA-256 of ``text``, as ``Base64URL``: 43 characters. It is the same for the same token, so a database finds
    /// the row by it; a token is too random to be guessed from it.
    public var hash: String { Self.hash(of: text) }

    /// The SHA-256 of any text, as ``Base64URL``: 43 characters.
    public static func hash(of text: String) -> String {
        var hash = SHA256()
        var text = text
        text.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        return Base64URL.encode(Array(hash.finalize()))
    }
}

extension Token: Equatable {
    /// Compares in a time that depends on nothing secret.
    public static func == (left: Token, right: Token) -> Bool { ConstantTime.areEqual(left.text, right.text) }
}

extension Token: CustomStringConvertible, CustomReflectable {
    /// Three dots: a token belongs into no log.
    public var description: String { "Token(…)" }

    /// A mirror without children, so that `dump` does not show the token.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
