import GatehouseConfiguration
import GatehousePlan
import Testing

struct EndpointTests {
    @Test(arguments: [
        ("fastcgi:/run/a.sock", Endpoint(.fastCGI, .unix(path: "/run/a.sock"))),
        ("scgi:./a.sock", Endpoint(.scgi, .unix(path: "./a.sock"))),
        ("fastcgi:unix:/run/a.sock", Endpoint(.fastCGI, .unix(path: "/run/a.sock"))),
        ("fastcgi:127.0.0.1:9000", Endpoint(.fastCGI, .tcp(host: "127.0.0.1", port: 9_000))),
        ("scgi:localhost:65535", Endpoint(.scgi, .tcp(host: "localhost", port: 65_535))),
        ("fastcgi:[::1]:9000", Endpoint(.fastCGI, .tcp(host: "::1", port: 9_000))),
        ("fastcgi:stdin", Endpoint(.fastCGI, .standardInput)),
        ("scgi:fd:0", Endpoint(.scgi, .standardInput)),
        ("fastcgi:systemd:web", Endpoint(.fastCGI, .systemd(name: "web"))),
        ("fastcgi:systemd:a/b c", Endpoint(.fastCGI, .systemd(name: "a/b c"))),
        ("http:systemd:django", Endpoint(.http, .systemd(name: "django"))),
        ("http:127.0.0.1:8080", Endpoint(.http, .tcp(host: "127.0.0.1", port: 8_080))),
        ("uwsgi:/run/a.sock", Endpoint(.uwsgi, .unix(path: "/run/a.sock"))),
    ])
    func `an endpoint is read`(text: String, expected: Endpoint) throws {
        #expect(try Endpoint(parsing: text) == expected)
        // The description can be read again and means the same.
        #expect(try Endpoint(parsing: expected.description) == expected)
    }

    @Test(arguments: [
        ("/run/a.sock", "names no protocol: write fastcgi:/run/a.sock"),
        ("", "names no protocol"),
        ("systemd:web", "names no protocol: write fastcgi:systemd:web"),
        ("fastcgi:systemd:", "after systemd: comes a FileDescriptorName="),
        ("fastcgi:systemd:a:b", "printable ASCII characters without a colon"),
        ("fastcgi:systemd:ü", "printable ASCII characters without a colon"),
        ("fastcgi:systemd:a\u{7F}", "printable ASCII characters without a colon"),
        ("http:/run/", "is not the path of a socket file"),
        ("fcgi:/run/a.sock", "\"fcgi\" is not a protocol"),
        ("uwsgi://127.0.0.1:9000", "is written like a URL: write uwsgi:127.0.0.1:9000"),
        ("fastcgi:unix:///run/a.sock", "is written like a URL: write fastcgi:/run/a.sock"),
        ("fastcgi:", "has no address"),
        ("fastcgi:@abstract", "abstract sockets have no permissions"),
        ("fastcgi:a.sock", "is neither a path nor host:port"),
        ("fastcgi:/run/", "is not the path of a socket file"),
        ("fastcgi:fd:3", "only descriptor 0"),
        ("fastcgi::9000", "has no host: write 127.0.0.1:9000"),
        ("fastcgi:::1:9000", "in brackets: [::1]:9000"),
        ("fastcgi:127.0.0.1:0", "\"0\" is not a port"),
        ("fastcgi:127.0.0.1:65536", "\"65536\" is not a port"),
        ("fastcgi:127.0.0.1:+80", "\"+80\" is not a port"),
        ("fastcgi:127.0.0.1:", "\"\" is not a port"),
    ])
    func `a malformed endpoint says what to write`(text: String, expected: String) {
        do {
            _ = try Endpoint(parsing: text)
            Issue.record("\(text) was accepted")
        } catch {
            #expect(error.message.contains(expected))
        }
    }

    @Test func `a path fits a socket's address up to 107 bytes`() throws {
        let longest = "/" + String(repeating: "x", count: 106)
        _ = try Endpoint(parsing: "fastcgi:" + longest)
        #expect(throws: Endpoint.Malformed.self) { try Endpoint(parsing: "fastcgi:" + longest + "x") }
    }

    @Test func `a name for systemd has up to 255 characters`() throws {
        let longest = String(repeating: "n", count: 255)
        #expect(try Endpoint(parsing: "scgi:systemd:" + longest).address == .systemd(name: longest))
        #expect(throws: Endpoint.Malformed.self) { try Endpoint(parsing: "scgi:systemd:" + longest + "n") }
    }
}
