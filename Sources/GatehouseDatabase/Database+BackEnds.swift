import Gatehouse

extension Database {
    /// Makes the source of connections that the settings ask for, and its name for messages.
    static func makeSource(
        _ settings: DatabaseSettings, _ context: ModuleContext
    ) throws(DatabaseError) -> (source: any ConnectionSource, place: String) {
        var settings = settings
        settings.url = try settings.completeURL()
        let url = try DatabaseURL(settings.url)
        switch url.scheme {
        case "postgres", "postgresql":
            let driver = try PostgreSQLDriver(
                settings, applicationName: "gatehouse \(context.name)", logger: context.logger)
            return (Pool(driver, settings), driver.place)
        case "mysql", "mariadb":
            let driver = try MySQLDriver(settings, module: context.name)
            return (Pool(driver, settings), driver.place)
        case "sqlite":
            let source = try SQLiteSource(settings) { () throws(DatabaseError) in
                do {
                    return try context.stateFolder
                } catch {
                    throw .usage("\(error)")
                }
            }
            return (source, source.place)
        default:
            throw .usage(
                "url begins with \(url.scheme):, and there are databases for postgres:, mysql:, mariadb: and sqlite:")
        }
    }
}
