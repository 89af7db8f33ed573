extension ViewValue: Encodable {
    /// Encodes the value for other encoders: JSON, for example. ``rows(_:)`` are an empty list there.
    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .list(let values):
            var container = encoder.unkeyedContainer()
            for value in values { try container.encode(value) }
        case .rows: _ = encoder.unkeyedContainer()
        case .object(let object):
            var container = encoder.container(keyedBy: Name.self)
            for (name, value) in zip(object.names, object.values) {
                try container.encode(value, forKey: Name(stringValue: name))
            }
        default:
            var container = encoder.singleValueContainer()
            switch self {
            case .bool(let value): try container.encode(value)
            case .int(let value): try container.encode(value)
            case .double(let value): try container.encode(value)
            case .string(let value), .html(let value): try container.encode(value)
            case .date(let value): try container.encode(value)
            default: try container.encodeNil()
            }
        }
    }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { return nil }
    }
}
