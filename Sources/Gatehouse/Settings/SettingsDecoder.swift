import FoundationEssentials
import GatehousePlan

/// Decodes a module's settings, and records which keys were asked for: `Decodable` by itself cannot tell a key that is
/// misspelt from one that nobody needs. Times are written as elsewhere in a configuration.
struct SettingsDecoder: Decoder {
    let value: SettingsValue
    let codingPath: [any CodingKey]
    let record: SettingsRecord

    var userInfo: [CodingUserInfoKey: Any] { [:] }

    static func decode<Value: Decodable>(
        _ type: Value.Type, from text: String, record: SettingsRecord
    ) throws -> Value {
        try SettingsDecoder(value: SettingsValue(json: text), codingPath: [], record: record).decode(type)
    }

    /// The path as the record has it.
    var path: [String] { codingPath.map { key in key.intValue.map { "[\($0)]" } ?? key.stringValue } }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .mapping(let members) = value else { throw mismatch([String: Any].self) }
        record.open(path)
        return KeyedDecodingContainer(SettingsMapping<Key>(decoder: self, members: members))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .list(let elements) = value else { throw mismatch([any CodingKey].self) }
        return SettingsList(decoder: self, elements: elements)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { SettingsSingle(decoder: self) }

    // MARK: Values

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        // Those whose own form is another than a person writes.
        let special: (any Sendable)? =
            switch type {
            case is Duration.Type: try duration()
            case is URL.Type: try url()
            case is Data.Type: try data()
            case is Decimal.Type: try decimal()
            default: nil
            }
        if let special = special as? Value { return special }
        return try Value(from: self)
    }

    func text() throws -> String {
        guard case .text(let text) = value else { throw mismatch(String.self) }
        return text
    }

    func bool() throws -> Bool {
        guard case .bool(let bool) = value else { throw mismatch(Bool.self) }
        return bool
    }

    func number() throws -> Double {
        guard let number = value.number else { throw mismatch(Double.self) }
        return number
    }

    func whole<Number: FixedWidthInteger>(_ type: Number.Type) throws -> Number {
        if let number = value.whole(type) { return number }
        guard value.number == nil else {
            throw corrupted("it must be a whole number from \(Number.min) to \(Number.max)")
        }
        throw mismatch(type)
    }

    private func duration() throws -> Duration {
        guard case .text(let text) = value else { throw corrupted("it is a time with a unit: write for instance 30s") }
        do { return .milliseconds(try Milliseconds.parseTime(text)) } catch { throw corrupted(error.message) }
    }

    private func url() throws -> URL {
        guard let url = URL(string: try text()) else { throw corrupted("it must be a URL") }
        return url
    }

    private func data() throws -> Data {
        guard let data = Data(base64Encoded: try text()) else { throw corrupted("it must be bytes in base64") }
        return data
    }

    private func decimal() throws -> Decimal {
        switch value {
        case .integer(let number): return Decimal(number)
        case .unsigned(let number): return Decimal(number)
        case .real(let number): return Decimal(string: "\(number)") ?? Decimal(number)
        default: throw mismatch(Double.self)
        }
    }

    // MARK: Errors. They name a place, and no value.

    func mismatch(_ type: any Any.Type) -> DecodingError {
        let context = DecodingError.Context(codingPath: codingPath, debugDescription: "")
        if case .null = value { return .valueNotFound(type, context) }
        return .typeMismatch(type, context)
    }

    func corrupted(_ text: String) -> DecodingError {
        .dataCorrupted(.init(codingPath: codingPath, debugDescription: text))
    }

    func below(_ key: any CodingKey, _ value: SettingsValue) -> SettingsDecoder {
        SettingsDecoder(value: value, codingPath: codingPath + [key], record: record)
    }
}

/// A key of settings by its name, or an index of a list.
struct SettingsKey: CodingKey {
    var stringValue: String
    var intValue: Int?

    init(stringValue: String) { self.stringValue = stringValue }

    init(intValue: Int) {
        stringValue = "[\(intValue)]"
        self.intValue = intValue
    }
}
