/// A text that nobody should see: a key, a password, a token. In a configuration it comes from a file or a credential:
/// `key: "${file:secrets/key}"`.
///
/// Printed, interpolated, dumped or logged it is `[secret]`; only ``value`` has it.
public struct Secret: Sendable, Decodable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The text itself, for the one place that needs it.
    public let value: String

    /// Makes a secret of a text.
    public init(_ value: String) { self.value = value }

    /// Decodes a text.
    /// - Throws: `DecodingError` for anything else, and for an empty text, which would be a key that everybody knows.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        value = try container.decode(String.self)
        guard !value.isEmpty else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "the secret is empty")
        }
    }

    /// `[secret]`
    public var description: String { "[secret]" }

    /// `[secret]`
    public var debugDescription: String { "[secret]" }

    /// A mirror without children, so that `dump` prints no value.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
