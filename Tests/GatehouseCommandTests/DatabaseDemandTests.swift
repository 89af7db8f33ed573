import GatehouseConfiguration
import GatehousePlan
import Testing

@testable import GatehouseCLI

/// The connections that `gatehouse check` counts.
struct DatabaseDemandTests {
    @Test(arguments: [
        ("postgres://blog:s3cret@db.example.org/blog", "PostgreSQL at db.example.org:5432"),
        ("postgresql://DB.example.org:5433/other?sslmode=require", "PostgreSQL at db.example.org:5433"),
        ("postgres://blog:p@ss/word@db/blog", "PostgreSQL at db:5432"),
        ("postgres://blog:p@ss@db/blog", "PostgreSQL at db:5432"),
        ("postgres://blog:se/cret@db", "PostgreSQL at db:5432"),
        ("postgres:///blog", "PostgreSQL at the local socket"),
        ("postgres:///blog?service=main", "PostgreSQL at service main"),
        ("postgres://blog@/blog?host=%2Frun%2Fpostgresql", "PostgreSQL at /run/postgresql"),
        ("postgres://blog@/blog?host=/run/postgresql&port=5433", "PostgreSQL at /run/postgresql"),
        ("postgres://%2Frun%2Fpostgresql/blog", "PostgreSQL at /run/postgresql"),
        ("postgres://a,b:5433/blog", "PostgreSQL at a:5432,b:5433"),
        ("postgres:///blog?hostaddr=2001:db8::1", "PostgreSQL at 2001:db8::1"),
        ("postgres://[::1]/blog", "PostgreSQL at [::1]:5432"), ("postgres://[::1]:1/b", "PostgreSQL at [::1]:1"),
        ("mysql://u:p@db/x", "MySQL at db:3306"), ("mariadb://u@/x?socket=/run/m.sock", "MySQL at /run/m.sock"),
    ])
    func `a server is named by its url without user, password and database`(url: String, expected: String) {
        #expect(DatabaseServer(url: url)?.description == expected)
    }

    @Test(arguments: [
        "postgres://blog:se?cret@db", "postgres://blog:se#cret@db/blog", "postgres://blog:se/cr?et@db/blog",
        "postgres://blog:s@e?cret@db", "postgres://blog:se?host=cret@db", "mysql://blog:1234?5@db/blog",
        "postgres://blog:secret", "postgres://blog:secret/blog?sslmode=require", "postgres://db:5432,blog:secret/blog",
    ])
    func `nothing of a password is shown as a host`(url: String) {
        let server = DatabaseServer(url: url)
        #expect(server != nil && server?.place == nil)
        let expected = " at an unclear host (percent-encode user and password in the url)"
        #expect(server?.description.hasSuffix(expected) == true)
    }

    @Test func `modules whose servers are unclear are not added up`() throws {
        let demands = try demands(
            """
            pools: { web: { listen: [fastcgi:/run/a.sock], modules: [
              { path: /a.so, settings: { database: { url: "postgres://a:s?cret@db/a" } } },
              { path: /b.so, mount: /b, settings: { database: { url: "postgres://b:s?cret@other/b" } } } ] } }
            """)
        #expect(demands.map(\.parts.count) == [1, 1])
    }

    @Test(arguments: ["sqlite:", "sqlite:/srv/a.db", "", ":", "db.example.org", "http://a/b", "postgres:blog", "%%%"])
    func `what is no server's address is none`(url: String) {
        #expect(DatabaseServer(url: url) == nil)
    }

    private func demands(_ pools: String) throws -> [DatabaseDemand] {
        DatabaseDemand.all(in: try Configuration.parse(pools, file: "/g.yaml") { _ in nil })
    }

    @Test func `workers, loops and connections are multiplied, and modules on one server added up`() throws {
        let demands = try demands(
            """
            pools:
              web:
                listen: [fastcgi:/run/a.sock]
                modules:
                  - { path: /a.so, settings: { database: { url: "postgres://a:secret@db/a" } } }
                  - { path: /b.so, mount: /b, settings: { database: { url: "sqlite:" } } }
                  - { path: /c.so, mount: /c, settings: { database: other } }
                workers: { min: 1, max: 4 }
                event-loops: 2
              shop:
                listen: [fastcgi:/run/b.sock]
                modules:
                  - { path: /a.so, settings: { database: { url: "postgres://b@DB:5432/b", connections: 3, wait: 1s } } }
                  - { path: /d.so, mount: /d, settings: { database: { url: "mysql://db/d", connections: 1 } } }
            """)
        #expect(
            demands.flatMap(\.lines) == [
                "databases: PostgreSQL at db:5432: up to 66 connections, 132 while a reload has two generations",
                "  web, /: 4 workers × (2 event loops + 1 for other threads) × 5 connections = 60",
                "  shop, /: 1 worker × (1 event loop + 1 for other threads) × 3 connections = 6",
                "databases: MySQL at db:3306: up to 2 connections, 4 while a reload has two generations",
                "  shop, /d: 1 worker × (1 event loop + 1 for other threads) × 1 connection = 2",
            ])
    }

    @Test func `a number out of any range cannot overflow`() throws {
        let demands = try demands(
            """
            pools: { web: { listen: [fastcgi:/run/a.sock], workers: 100, event-loops: 16, modules: [
              { path: /a.so, settings: { database: { url: "postgres://db/a", connections: 9223372036854775807 } } },
              { path: /b.so, mount: /b, settings: { database: { url: "postgres://db/a", connections: -1 } } } ] } }
            """)
        #expect(demands.map(\.total) == [100 * 17 * 100_000])
    }
}
