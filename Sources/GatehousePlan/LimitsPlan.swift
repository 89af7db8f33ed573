public import GatehouseWire

/// The limits that a configuration sets; the others keep their defaults. In JSON an object with the configuration's
/// keys: `{"request": 30000}`.
public struct LimitsPlan: Codable, Sendable, Equatable {
    private var values: [String: Int] = [:]

    public init() {}

    public init(from decoder: any Decoder) throws {
        values = try decoder.singleValueContainer().decode([String: Int].self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(values)
    }

    /// The value that holds, in the limit's unit; 0 is `off` if the limit can be off.
    public subscript(limit: Limit) -> Int {
        get { values[limit.rawValue] ?? limit.definition.standard }
        set { values[limit.rawValue] = newValue }
    }

    /// Whether the configuration sets it, even to its default.
    public func sets(_ limit: Limit) -> Bool { values[limit.rawValue] != nil }
}

extension Limits {
    /// The limits that a worker enforces: the plan's values, and defaults for the others.
    public init(_ plan: LimitsPlan) {
        self.init()
        for limit in Limit.allCases where plan.sets(limit) {
            switch limit.definition.field {
            case .nanoseconds(let path): self[keyPath: path] = Nanoseconds(plan[limit]) * 1_000_000
            case .number(let path): self[keyPath: path] = plan[limit]
            case nil: break
            }
        }
    }
}
