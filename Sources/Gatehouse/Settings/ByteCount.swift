import GatehousePlan

/// A number of bytes, written in a configuration with its unit: `10 MiB`, `512KiB`, `1MB`, `100B`.
public struct ByteCount: Sendable, Hashable, Decodable {
    /// The number.
    public var bytes: Int

    /// Makes a number of bytes.
    public init(bytes: Int) { self.bytes = bytes }

    /// Decodes a text with a unit.
    /// - Throws: `DecodingError` that says what to write.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try? container.decode(String.self)
        do {
            bytes = try ByteSize.parse(text ?? "")
        } catch {
            let message = text == nil ? "it is a number with a unit: write for instance 10MiB" : error.message
            throw DecodingError.dataCorruptedError(in: container, debugDescription: message)
        }
    }
}
