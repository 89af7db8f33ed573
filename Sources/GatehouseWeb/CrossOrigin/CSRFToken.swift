import HTTPTypes
import Hummingbird

/// Tokens against cross-site request forgery, for those who want more than ``CrossOriginProtection``: browsers of
/// before 2020, or a rule of the house. The secret is in the session; each page gets it under another mask, so that
/// nobody finds it by how well pages compress (BREACH).
enum CSRFToken {
    static let secretLength = 32
    /// The name of the form's field.
    static let field = "csrf_token"

    /// The secret under a random mask: the mask, and the two combined.
    static func masked(_ secret: [UInt8]) -> String {
        let mask = RandomBytes.make(secret.count)
        return Base64URL.encode(mask + zip(mask, secret).map { $0 ^ $1 })
    }

    /// Whether a text is this secret under any mask. Its time does not depend on the secret.
    static func isMasked(_ text: some StringProtocol, _ secret: [UInt8]) -> Bool {
        guard text.utf8.count <= 4 * secretLength, let bytes = Base64URL.decode(text), bytes.count == 2 * secret.count
        else { return false }
        return ConstantTime.areEqual(zip(bytes, bytes.dropFirst(secret.count)).map { $0 ^ $1 }, secret)
    }
}

extension WebRequestContext {
    /// A token for a form's field `csrf_token` or a request's header `X-CSRF-Token`: another text each time, always for
    /// this session. The first one begins a session.
    public var csrfToken: String {
        let known = session[SessionName.csrf, as: String.self].flatMap { Base64URL.decode($0) }
        if let known, known.count == CSRFToken.secretLength { return CSRFToken.masked(known) }
        let secret = RandomBytes.make(CSRFToken.secretLength)
        session[SessionName.csrf] = Base64URL.encode(secret)
        return CSRFToken.masked(secret)
    }

    /// The hidden field of a form, as HTML: `<input type="hidden" name="csrf_token" value="…">`.
    public var csrfField: String { "<input type=\"hidden\" name=\"\(CSRFToken.field)\" value=\"\(csrfToken)\">" }

    /// Whether a text is a token of this session.
    public func isCSRFToken(_ text: (some StringProtocol)?) -> Bool {
        guard let text, let known = session[SessionName.csrf, as: String.self].flatMap({ Base64URL.decode($0) }),
            known.count == CSRFToken.secretLength
        else { return false }
        return CSRFToken.isMasked(text, known)
    }
}
