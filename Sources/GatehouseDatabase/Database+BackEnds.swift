import Gatehouse

extension Database {
    /// Makes the source of connections that the settings ask for, and its name for messages.
    static func makeSource(
        _ settings: DatabaseSettings, _ context: ModuleContext
    ) throws(DatabaseError) -> (source: any ConnectionSource, place: String) {
        let url = try DatabaseURL(settings.url)
        switch url.scheme {
        case "mysql", "mariadb":
            let driver = try MySQLDriver(settings, module: context.name)
            return (Pool(driver, settings), driver.place)
        default:
            throw .usage(
                "url begins with \(url.scheme):, and there are databases for postgres:, mysql:, mariadb: and sqlite:")
        }
    }
}
