import FoundationEssentials

/// A module's settings as they are written: JSON as a tree.
enum SettingsValue: Sendable, Decodable {
    case null
    case bool(Bool)
    case integer(Int64)
    case unsigned(UInt64)
    case real(Double)
    case text(String)
    case list([SettingsValue])
    case mapping([String: SettingsValue])

    /// - Throws: `DecodingError` for a text that is no JSON.
    init(json: String) throws {
        self = try JSONDecoder().decode(SettingsValue.self, from: Data(json.utf8))
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([String: SettingsValue].self) {
            self = .mapping(value)
        } else if let value = try? container.decode([SettingsValue].self) {
            self = .list(value)
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(UInt64.self) {
            self = .unsigned(value)
        } else {
            self = .real(try container.decode(Double.self))
        }
    }

    /// The value as a whole number; `nil` if it is none, or too large for the type.
    func whole<Number: FixedWidthInteger>(_: Number.Type) -> Number? {
        switch self {
        case .integer(let number): Number(exactly: number)
        case .unsigned(let number): Number(exactly: number)
        case .real(let number): Number(exactly: number)
        default: nil
        }
    }

    var number: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .unsigned(let number): Double(number)
        case .real(let number): number
        default: nil
        }
    }
}
