public import FoundationEssentials

/// A module's type of user who can sign in.
///
/// ```swift
/// struct Member: SignInUser, Decodable {
///     var id: Int
///     var email: String
///     var passwordHash: String
///     var signInStamp: String { passwordHash }
/// }
/// ```
public protocol SignInUser: Sendable {
    /// The type of the key by which the user is found again.
    associatedtype ID: SignInID

    /// The key by which the user is found again.
    var id: ID { get }

    /// A text that changes when everybody who is signed in as this user shall be signed out, and when links to set a
    /// new password shall be void: the hash of the password, with a number behind it that the button "sign out
    /// everywhere" counts up. Sessions and tokens have a hash of it.
    var signInStamp: String { get }
}

/// A key of a user: whole numbers, texts and UUIDs are some.
public protocol SignInID: Sendable {
    /// The key of a text that ``signInText`` has made; `nil` for any other.
    init?(signInText text: String)

    /// The key as text.
    var signInText: String { get }
}

extension SignInID where Self: LosslessStringConvertible {
    /// The key of a text.
    public init?(signInText text: String) { self.init(text) }

    /// The key as text.
    public var signInText: String { description }
}

extension Int: SignInID {}
extension Int64: SignInID {}
extension String: SignInID {}

extension UUID: SignInID {
    /// The UUID of a text.
    public init?(signInText text: String) { self.init(uuidString: text) }

    /// The UUID as text, in small letters.
    public var signInText: String { uuidString.lowercased() }
}
