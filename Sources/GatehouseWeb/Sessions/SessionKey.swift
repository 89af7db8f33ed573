/// The name of a session's value together with its type.
///
/// ```swift
/// extension SessionKey where Value == [Int] {
///     static var cart: SessionKey { SessionKey("cart") }
/// }
///
/// context.session[.cart, default: []].append(7)
/// ```
public struct SessionKey<Value: Codable & Sendable>: Sendable {
    /// The name: 1 to 255 bytes. Names that begin with an underscore are the kit's own.
    public let name: String

    /// Makes a key.
    public init(_ name: String) {
        self.name = name
    }
}
