import FoundationEssentials

extension ViewValue {
    /// The value as a text; `nil` for lists, objects and rows, which are none.
    package var text: String? {
        switch self {
        case .null: ""
        case .string(let text), .html(let text): text
        case .int(let value): String(value)
        case .bool(let value): value ? "true" : "false"
        case .double(let value): Self.text(value)
        case .date(let date): ViewDate(date, in: .utc).rfc3339
        case .list, .object, .rows: nil
        }
    }

    /// A number as people write it: 5 and not 5.0.
    private static func text(_ value: Double) -> String {
        Int(exactly: value).map(String.init) ?? "\(value)"
    }
}
