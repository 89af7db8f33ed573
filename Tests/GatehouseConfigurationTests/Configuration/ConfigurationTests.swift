import GatehouseConfiguration
import GatehousePlan
import Testing

struct ConfigurationTests {
    static func parse(_ yaml: String, file: String = "/etc/gatehouse/gatehouse.yaml") throws -> PoolConfiguration {
        try Configuration.parse(yaml, file: file) { ["SET": "value", "EMPTY": ""][$0] }.pools[0]
    }

    @Test func `a whole pool is read`() throws {
        let pool = try Self.parse(
            """
            pools:
              web:
                listen: [fastcgi:/run/gatehouse/web.sock, "scgi:/run/gatehouse/s.sock"]
                socket: { mode: "0640", group: root, allow-users: [root, 33], allow-remote: true }
                modules:
                  - { mount: /,      path: /usr/lib/libHello.so }
                  - { mount: /blog/, path: libBlog.so, settings: { title: Notes } }
                workers: 1
                event-loops: 3
                log-level: debug
                limits: { request: 30s, head: 500ms, drain: off, body: 10MiB, parameters: 64KiB, connections: 100 }
            """)
        #expect(pool.name == "web")
        #expect(pool.endpoints.map(\.description) == ["fastcgi:/run/gatehouse/web.sock", "scgi:/run/gatehouse/s.sock"])
        #expect(pool.socket.mode == 0o640)
        #expect(pool.socket.group == 0)
        #expect(pool.socket.allowedUsers == [0, 33])
        #expect(pool.socket.allowsRemote)
        #expect(pool.modules.map(\.plan.mount) == ["/", "/blog"])
        #expect(pool.modules.map(\.plan.path) == ["/usr/lib/libHello.so", "/etc/gatehouse/libBlog.so"])
        #expect(pool.modules[1].plan.settings == #"{"title":"Notes"}"#)
        #expect(pool.modules[1].plan.settingsOrigin == "/etc/gatehouse/gatehouse.yaml:7")
        #expect(pool.modules[1].origin == "/etc/gatehouse/gatehouse.yaml:7:32")
        #expect((pool.eventLoops, pool.logLevel) == (3, .debug))
        var limits = LimitsPlan()
        limits[.request] = 30_000
        limits[.head] = 500
        limits[.drain] = 0
        limits[.body] = 10 << 20
        limits[.parameters] = 64 << 10
        limits[.connections] = 100
        #expect(pool.limits == limits)
    }

    @Test func `what is not written has its default`() throws {
        let pool = try Self.parse("pools: { web: { listen: fastcgi:/s/s, modules: [{ path: /a.so }] } }")
        #expect(pool.modules[0].plan == ModulePlan(path: "/a.so"))
        #expect(pool.socket == SocketSettings())
        #expect(pool.socket.mode == 0o660)
        #expect(pool.limits == LimitsPlan())
    }

    @Test func `JSON is a configuration too`() throws {
        let pool = try Self.parse(#"{"pools": {"web": {"listen": ["scgi:/s/s"], "modules": [{"path": "/a.so"}]}}}"#)
        #expect(pool.endpoints == [Endpoint(.scgi, .unix(path: "/s/s"))])
    }

    @Test(arguments: [
        ("${SET}", "value"), ("a${SET}b", "avalueb"), ("${SET:-x}", "value"), ("${NOPE:-x}", "x"), ("${NOPE:-}", ""),
        ("${EMPTY:-x}", "x"), ("a${EMPTY}b", "ab"), ("$${SET}", "${SET}"), ("$SET", "$SET"), ("100$", "100$"),
    ])
    func `environment variables are expanded`(text: String, expected: String) throws {
        let pool = try Self.parse(
            "pools: { web: { listen: fastcgi:/s/s, modules: [{ path: /a.so, settings: { a: \"\(text)\" } }] } }")
        #expect(pool.modules[0].plan.settings == "{\"a\":\"\(expected)\"}")
    }

    @Test(arguments: [
        ("1", "1"), ("007", "7"), ("-0.50", "-0.50"), (".5", "0.5"), ("5.", "5.0"), ("+3", "3"), ("1e3", "1e3"),
        ("1E+3", "1e3"), ("0x1F", "31"), ("0o17", "15"), ("0x-1", #""0x-1""#),
        ("99999999999999999999", "99999999999999999999"),
        ("true", "true"), ("no", #""no""#), ("off", #""off""#), ("~", "null"), ("", "null"), ("1.2.3", #""1.2.3""#),
        ("'5'", #""5""#), ("\"true\"", #""true""#), ("!!str 5", #""5""#), (".inf", #"".inf""#), ("12:30", #""12:30""#),
        ("2026-11-24", #""2026-11-24""#), ("[1, [a], {b: 2}]", #"[1,["a"],{"b":2}]"#),
        ("\"a\\\"\\n\\\\\"", #""a\"\u000a\\""#),
        ("Grüße", #""Grüße""#), ("1_000", #""1_000""#), ("e5", #""e5""#), ("-x", #""-x""#),
    ])
    func `a setting keeps its type`(yaml: String, json: String) throws {
        let pool = try Self.parse(
            "pools:\n web:\n  listen: fastcgi:/s/s\n  modules:\n  - path: /a.so\n    settings:\n      a: \(yaml)\n"
        )
        #expect(pool.modules[0].plan.settings == "{\"a\":\(json)}")
    }

    @Test func `aliases cannot make the settings endless`() {
        var yaml = "pools:\n  web:\n    listen: fastcgi:/s/s\n    modules:\n      - path: /a.so\n        settings:\n"
        yaml += "          a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let many = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            yaml += "          a\(level): &a\(level) [\(many)]\n"
        }
        #expect(throws: ConfigurationError.self) { try Self.parse(yaml) }
    }
}
