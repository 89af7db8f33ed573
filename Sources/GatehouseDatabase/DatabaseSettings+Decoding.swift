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
