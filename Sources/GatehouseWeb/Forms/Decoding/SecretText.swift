/// A text that a form never gives back, such as a password: it is taken as it was typed, with any white space at its
/// ends, and no page, no copy of the form and no log has it again.
///
/// ```swift
/// struct SignIn: Form {
///     var email: String
///     @SecretText var password: String
/// }
/// ```
@propertyWrapper
public struct SecretText<Text: SecretTextValue>: Sendable {
    /// The text.
    public var wrappedValue: Text

    /// Makes a secret.
    public init(wrappedValue: Text) { self.wrappedValue = wrappedValue }
}

/// `String`, or `String?` for a field that may be left empty.
public protocol SecretTextValue: Codable, Sendable {
    /// The value of what was typed, or of nothing.
    init?(typed text: String?)
}

extension String: SecretTextValue {
    /// The text; nothing is none.
    public init?(typed text: String?) {
        guard let text else { return nil }
        self = text
    }
}

extension Optional: SecretTextValue where Wrapped == String {
    /// The text, or `nil`.
    public init?(typed text: String?) { self = text }
}

extension SecretText: Decodable {
    /// Takes the text as it is, of a form or of any other decoder.
    public init(from decoder: any Decoder) throws {
        guard let decoder = decoder as? FormPlaceDecoder else {
            let container = try decoder.singleValueContainer()
            self.init(wrappedValue: try container.decode(Text.self))
            return
        }
        let decoding = decoder.decoding, place = decoder.place
        let text = decoding.index.text(place).flatMap { FormText.isBlank($0) ? nil : $0 }
        let value = Text(typed: text)
        decoding.shape?.note(place.name, isRequired: value == nil, isSecret: true)
        if value == nil { decoding.add(.required, at: place) }
        guard let value = value ?? Text(typed: "") else { throw FormDecoding.Stop() }
        self.init(wrappedValue: value)
    }
}

extension SecretText: Encodable {
    /// Gives nothing.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encodeNil()
    }
}

extension SecretText: CustomStringConvertible, CustomReflectable {
    /// `(secret)`
    public var description: String { "(secret)" }

    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
