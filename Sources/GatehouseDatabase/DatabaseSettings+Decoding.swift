extension DatabaseSettings: Decodable {
    /// The settings by the names that they have in the configuration.
    package enum Key: String, CaseIterable {
        case url, password, connections, wait
        case statementTimeout = "statement-timeout"
        case lockTimeout = "lock-timeout"
        case idleTransactionTimeout = "idle-transaction-timeout"
        case idle
        case maximumAge = "maximum-age"
        case connectTimeout = "connect-timeout"
        case preparedStatements = "prepared-statements"
    }

    private struct AnyKey: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private typealias Container = KeyedDecodingContainer<AnyKey>

    /// Decodes a module's `settings: database:`. Times are written as elsewhere in the configuration: `10s`, `500ms`,
    /// `2m`, or `off` for no limit.
    public init(from decoder: any Decoder) throws {
        self.init()
        let container = try decoder.container(keyedBy: AnyKey.self)
        for name in container.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) {
            guard let key = Key(rawValue: name.stringValue) else {
                throw Self.corrupted(
                    name, container,
                    "there is no such setting; there are \(Key.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            try set(key, name, container)
        }
    }

    private mutating func set(_ key: Key, _ name: AnyKey, _ container: Container) throws {
        switch key {
        case .url:
            url = try container.decode(String.self, forKey: name)
            do { _ = try DatabaseURL(url) } catch { throw Self.corrupted(name, container, error.message) }
        case .password: password = try container.decode(String.self, forKey: name)
        case .connections:
            connections = try container.decode(Int.self, forKey: name)
            guard Self.connectionRange.contains(connections) else {
                throw Self.corrupted(name, container, "write a number from 1 to \(Self.connectionRange.upperBound)")
            }
        case .preparedStatements: preparedStatements = try container.decode(Bool.self, forKey: name)
        case .wait: wait = try Self.duration(name, container, canBeOff: false)
        case .connectTimeout: connectTimeout = try Self.duration(name, container, canBeOff: false)
        case .statementTimeout: statementTimeout = try Self.duration(name, container)
        case .lockTimeout: lockTimeout = try Self.duration(name, container)
        case .idleTransactionTimeout: idleTransactionTimeout = try Self.duration(name, container)
        case .idle: idle = try Self.duration(name, container)
        case .maximumAge: maximumAge = try Self.duration(name, container)
        }
    }

    /// The numbers of connections that make sense for one event loop.
    package static let connectionRange = 1...1_000
    /// No longer than a week, as elsewhere in the configuration.
    private static let longest = Duration.seconds(168 * 3_600)

    private static func duration(_ key: AnyKey, _ container: Container, canBeOff: Bool = true) throws -> Duration {
        // A number without a unit is no text to the decoder: it gets the same explanation.
        guard let text = try? container.decode(String.self, forKey: key) else {
            throw corrupted(key, container, examples(canBeOff))
        }
        if canBeOff, text == "off" { return .zero }
        guard let duration = parse(text), duration > .zero, duration <= longest else {
            throw corrupted(key, container, examples(canBeOff))
        }
        return duration
    }

    private static func examples(_ canBeOff: Bool) -> String {
        "write a time from 1ms to 168h, for instance 10s, 500ms\(canBeOff ? ", 5m or off" : " or 5m")"
    }

    private static func parse(_ text: String) -> Duration? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int64(digits), number <= 1 << 40 else { return nil }
        switch text[digits.endIndex...].drop(while: { $0 == " " }) {
        case "ms": return .milliseconds(number)
        case "s": return .seconds(number)
        case "m": return .seconds(number * 60)
        case "h": return .seconds(number * 3_600)
        default: return nil
        }
    }

    private static func corrupted(_ key: AnyKey, _ container: Container, _ problem: String) -> DecodingError {
        .dataCorrupted(.init(codingPath: container.codingPath + [key], debugDescription: problem))
    }
}
