package import GatehousePlan

extension DatabaseSettings: Decodable {
    /// The settings by the names that they have in the configuration.
    package typealias Key = WrittenDatabaseSettings.Key

    /// Decodes a module's `settings: database:`. Times are written as elsewhere in the configuration: `10s`, `500ms`,
    /// `2m`, or `off` for no limit.
    public init(from decoder: any Decoder) throws {
        self.init()
        // The rules are where `gatehouse check` finds them, too.
        let written = try WrittenDatabaseSettings(from: decoder)
        url = written.url ?? url
        password = written.password
        connections = written.connections ?? connections
        preparedStatements = written.preparedStatements ?? preparedStatements
        wait = written.times[.wait] ?? wait
        connectTimeout = written.times[.connectTimeout] ?? connectTimeout
        statementTimeout = written.times[.statementTimeout] ?? statementTimeout
        lockTimeout = written.times[.lockTimeout] ?? lockTimeout
        idleTransactionTimeout = written.times[.idleTransactionTimeout] ?? idleTransactionTimeout
        idle = written.times[.idle] ?? idle
        maximumAge = written.times[.maximumAge] ?? maximumAge
    }
}

extension KeyedDecodingContainer {
    /// Decodes the settings of a module's database. The compiler has a module's own `Decodable` settings call it for a
    /// property that is no optional.
    /// - Throws: `DecodingError` that says what to write if the key is missing.
    public func decode(_ type: DatabaseSettings.Type, forKey key: Key) throws -> DatabaseSettings {
        guard contains(key) else {
            let text =
                "it is missing: write \(key.stringValue): { url: … }, with a url such as \"sqlite:\" or "
                + "postgres://user@host/name"
            throw DecodingError.dataCorrupted(
                DecodingError.Context(codingPath: codingPath + [key], debugDescription: text))
        }
        return try decodeWritten(type, forKey: key)
    }

    /// Calls what the standard library has for any type.
    private func decodeWritten<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try decode(type, forKey: key)
    }
}
