import GatehousePlan

extension WebSettings: Decodable {
    private enum Key: String, CaseIterable {
        case keys
        case sessionName = "session-name"
        case sessionIdle = "session-idle"
        case sessionLifetime = "session-lifetime"
        case trustedOrigins = "trusted-origins"
        case csrfTokens = "csrf-tokens"
        case httpsOnly = "https-only"
        case strictTransportSecurity = "strict-transport-security"
    }

    private struct AnyKey: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private typealias Container = KeyedDecodingContainer<AnyKey>

    /// Decodes a module's `settings: web:`. Times are written as in the rest of the configuration: `30m`, `12h`, `14d`.
    /// - Throws: `DecodingError` for a setting that there is none, or that is wrong. It shows no value.
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
        case .keys:
            let keys = try Self.value([String].self, name, container, "write a list of texts, the newest secret first")
            // Said here, so that the message names the setting.
            do { _ = try KeyRing(keys) } catch { throw Self.corrupted(name, container, error.description) }
            self.keys = keys
        case .sessionName: sessionName = try Self.value(String.self, name, container, "write a text")
        case .sessionIdle: session.idle = try Self.time(name, container)
        case .sessionLifetime: session.absolute = try Self.time(name, container)
        case .trustedOrigins:
            trustedOrigins = try Self.value(
                [String].self, name, container, "write a list of origins, as in [\"https://shop.example.org\"]")
            for origin in trustedOrigins where WebOrigin(origin) == nil {
                throw Self.corrupted(
                    name, container, "\"\(origin)\" is no origin: write it as in https://shop.example.org")
            }
        case .csrfTokens: requiresCSRFTokens = try Self.value(Bool.self, name, container, "write true or false")
        case .httpsOnly: isHTTPSOnly = try Self.value(Bool.self, name, container, "write true or false")
        case .strictTransportSecurity: strictTransportSecurity = try Self.time(name, container)
        }
    }

    private static func value<Value: Decodable>(
        _ type: Value.Type, _ name: AnyKey, _ container: Container, _ remedy: String
    ) throws -> Value {
        guard let value = try? container.decode(type, forKey: name) else { throw corrupted(name, container, remedy) }
        return value
    }

    private static func time(_ name: AnyKey, _ container: Container) throws -> Duration {
        // As text, so that any decoder reads it, and not the settings' own alone.
        guard let text = try? container.decode(String.self, forKey: name),
            let milliseconds = try? Milliseconds.parseTime(text), (1_000...1_000 * 86_400_000).contains(milliseconds)
        else { throw corrupted(name, container, "write a time from 1s to 1000d, for instance 30m, 12h or 14d") }
        return .milliseconds(milliseconds)
    }

    private static func corrupted(_ name: AnyKey, _ container: Container, _ problem: String) -> DecodingError {
        .dataCorrupted(.init(codingPath: container.codingPath + [name], debugDescription: problem))
    }
}
