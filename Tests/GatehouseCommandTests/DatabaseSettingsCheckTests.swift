import GatehouseConfiguration
import GatehousePlan
import Testing

@testable import GatehouseCLI

/// The rules of `settings: database:` that `gatehouse check` knows.
struct DatabaseSettingsCheckTests {
    private func finding(_ settings: String) throws -> Finding? {
        let configuration = try Configuration.parse(
            """
            pools:
              web:
                listen: [fastcgi:/run/a.sock]
                modules:
                  - path: /a.so
                    settings: \(settings)
            """, file: "/g.yaml"
        ) { _ in nil }
        return DatabaseSettingsCheck.finding(configuration.pools[0].modules[0])
    }

    @Test(arguments: [
        ("{ conections: 5 }", "conections: there is no such setting; there are url, password, connections"),
        (#"{ ulr: "sqlite:" }"#, "ulr: there is no such setting"),
        (#"{ url: "postgre://ann:hunter2@db/blog" }"#, "url: url names no database that there is"),
        ("{ url: hunter2 }", "url: url has no scheme"), ("{ url: }", "url: write a text"),
        ("{ connections: 0 }", "connections: write a whole number from 1 to 1000"),
        ("{ connections: 1001 }", "connections: write a whole number"),
        (#"{ connections: "5" }"#, "connections: write a whole number"),
        ("{ password: 4711 }", "password: write a text, in quotes"), ("{ wait: 5 }", "wait: write a time"),
        ("{ wait: off }", "wait: write a time"), ("{ idle: 169h }", "idle: write a time"),
        ("{ prepared-statements: no }", "prepared-statements: write true or false"),
    ])
    func `a wrong setting is named with its place, and no value is repeated`(_ database: String, _ message: String)
        throws
    {
        let finding = try finding("{ database: \(database) }")
        #expect(
            finding?.message.hasPrefix("/g.yaml:6: settings.database.\(message)") == true, "\(finding?.message ?? "")")
        #expect(finding?.message.contains("hunter2") == false && finding?.message.contains("4711") == false)
        #expect(finding?.status == .moduleInitThrew)
    }

    @Test(arguments: [
        "{}", "{ database: other }", "{ database: }", "{ database: [1] }", "{ greeting: hello }", "{ database: {} }",
        #"{ database: { url: "sqlite:" } }"#, #"{ database: { url: "MariaDB://u@/x", password: "4711", idle: off } }"#,
        #"{ database: { url: "postgresql://u@/x", connections: 1000, wait: 500ms, prepared-statements: false } }"#,
    ])
    func `right settings, and those of a module with another kind of database, are left alone`(_ settings: String)
        throws
    {
        #expect(try finding(settings) == nil)
    }
}
