/// A module's `settings: database:` as it was written, with the rules for each setting: `gatehouse check` reads it
/// without the room of databases, and that room takes its values. `nil` is a setting that was not written.
public struct WrittenDatabaseSettings: Sendable, Equatable {
    /// The settings by the names that they have in the configuration.
    public enum Key: String, CaseIterable, Sendable {
        case url, password, connections, wait
        case statementTimeout = "statement-timeout"
        case lockTimeout = "lock-timeout"
        case idleTransactionTimeout = "idle-transaction-timeout"
        case idle
        case maximumAge = "maximum-age"
        case connectTimeout = "connect-timeout"
        case preparedStatements = "prepared-statements"
    }

    public var url: String?
    public var password: String?
    public var connections: Int?
    public var preparedStatements: Bool?
    /// The times by their settings; zero is `off`.
    public var times: [Key: Duration] = [:]

    /// The kinds of databases, as a URL begins.
    public static let schemes = ["postgres", "postgresql", "mysql", "mariadb", "sqlite"]
    /// The numbers of connections that make sense for one event loop.
    public static let connectionRange = 1...1_000
    /// The number of them if none is written.
    public static let standardConnections = 5
    /// No longer than a week, as elsewhere in the configuration.
    private static let longestTime = Duration.seconds(168 * 3_600)

    /// The scheme of a URL in small letters; `nil` if it has none.
    public static func scheme(of url: String) -> String? {
        guard let colon = url.firstIndex(of: ":"), colon != url.startIndex,
            url[..<colon].allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "+") })
        else { return nil }
        return url[..<colon].lowercased()
    }

    public static let noScheme =
        "url has no scheme: write for instance postgres://user@host/database or sqlite:data.sqlite"

    /// The fault of a URL's scheme; `nil` if there is none. It repeats nothing of the URL, which may be a password.
    public static func problem(of url: String) -> String? {
        guard let scheme = scheme(of: url) else { return noScheme }
        if schemes.contains(scheme) { return nil }
        return "url names no database that there is: it begins with postgres:, mysql:, mariadb: or sqlite:"
    }

    /// - Returns: `nil` for a text that is no time for this setting.
    private static func time(_ text: String, canBeOff: Bool) -> Duration? {
        if canBeOff, text == "off" { return .zero }
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int64(digits), number <= 1 << 40 else { return nil }
        let unit: Duration
        switch text[digits.endIndex...].drop(while: { $0 == " " }) {
        case "ms": unit = .milliseconds(1)
        case "s": unit = .seconds(1)
        case "m": unit = .seconds(60)
        case "h": unit = .seconds(3_600)
        default: return nil
        }
        let time = unit * number
        return time > .zero && time <= longestTime ? time : nil
    }
}

extension WrittenDatabaseSettings: Decodable {
    private struct AnyKey: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private typealias Container = KeyedDecodingContainer<AnyKey>

    /// Decodes and checks every setting. Times are written as elsewhere in the configuration: `10s`, `500ms`, `2m`, or
    /// `off` for no limit.
    /// - Throws: `DecodingError.dataCorrupted` for each fault of a setting, with a text for people and no value in it.
    public init(from decoder: any Decoder) throws {
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
            let text = try Self.text(name, container)
            if let problem = Self.problem(of: text) { throw Self.corrupted(name, container, problem) }
            url = text
        case .password: password = try Self.text(name, container)
        case .connections:
            guard let number = try? container.decode(Int.self, forKey: name), Self.connectionRange.contains(number)
            else {
                throw Self.corrupted(
                    name, container, "write a whole number from 1 to \(Self.connectionRange.upperBound)")
            }
            connections = number
        case .preparedStatements:
            guard let value = try? container.decode(Bool.self, forKey: name) else {
                throw Self.corrupted(name, container, "write true or false")
            }
            preparedStatements = value
        case .wait, .connectTimeout: times[key] = try Self.time(name, container, canBeOff: false)
        case .statementTimeout, .lockTimeout, .idleTransactionTimeout, .idle, .maximumAge:
            times[key] = try Self.time(name, container, canBeOff: true)
        }
    }

    private static func text(_ name: AnyKey, _ container: Container) throws -> String {
        guard let text = try? container.decode(String.self, forKey: name) else {
            throw corrupted(name, container, "write a text, in quotes if it looks like a number or is empty")
        }
        return text
    }

    private static func time(_ name: AnyKey, _ container: Container, canBeOff: Bool) throws -> Duration {
        // A number without a unit is no text to the decoder: it gets the same explanation.
        guard let text = try? container.decode(String.self, forKey: name), let time = time(text, canBeOff: canBeOff)
        else {
            throw corrupted(
                name, container,
                "write a time from 1ms to 168h, for instance 10s, 500ms\(canBeOff ? ", 5m or off" : " or 5m")")
        }
        return time
    }

    private static func corrupted(_ name: AnyKey, _ container: Container, _ problem: String) -> DecodingError {
        .dataCorrupted(.init(codingPath: container.codingPath + [name], debugDescription: problem))
    }
}
