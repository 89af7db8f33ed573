@testable import GatehouseWeb
import HTTPTypes
import Hummingbird
import Testing

/// Forms of other sites' pages are refused (row I5): the cases are those of Go's own tests, and more.
struct CrossOriginProtectionTests {
    private let site = "Sec-Fetch-Site"

    private func status(
        _ protection: CrossOriginProtection<WebContext>, _ method: String = "POST", path: String = "/",
        host: String = "example.com", site: String? = nil, origin: String? = nil, log: LogLines? = nil
    ) async throws -> Int {
        var headers = HTTPFields()
        if let site { headers[try #require(HTTPField.Name(self.site))] = site }
        if let origin { headers[.origin] = origin }
        let head = HTTPRequest(
            method: try #require(HTTPRequest.Method(method)), scheme: "https", authority: host, path: path,
            headerFields: headers)
        let visitor = Visitor()
        do {
            let request = Request(head: head, body: RequestBody(buffer: ByteBuffer()))
            let response = try await protection.handle(request, context: visitor.context()) { _, _ in
                Response(status: .ok)
            }
            return response.status.code
        } catch let error as HTTPError {
            for line in visitor.log.all { log?.add(line) }
            #expect(error.body?.contains("another site's page") == true)
            return error.status.code
        }
    }

    @Test(
        arguments: [
            ("POST", "same-origin", "", 200), ("POST", "none", "", 200), ("POST", "cross-site", "", 403),
            ("POST", "same-site", "", 403), ("POST", "", "", 200), ("POST", "", "https://example.com", 200),
            ("POST", "", "https://attacker.example", 403), ("POST", "", "null", 403), ("GET", "cross-site", "", 200),
            ("HEAD", "cross-site", "", 200), ("OPTIONS", "cross-site", "", 200), ("PUT", "cross-site", "", 403),
            // Beyond Go's.
            ("DELETE", "same-site", "", 403), ("PATCH", "cross-site", "", 403), ("TRACE", "cross-site", "", 403),
            ("get", "cross-site", "", 403), ("POST", "Same-Origin", "", 403), ("POST", "same-origin, none", "", 403),
            ("POST", "same-origin", "https://attacker.example", 200),
            ("POST", "cross-site", "https://example.com", 403), ("POST", "none", "null", 200),
            ("POST", "", "http://example.com", 200), ("POST", "", "https://EXAMPLE.com:443", 200),
            ("POST", "", "https://example.com:8443", 403), ("POST", "", "https://example.com/", 403),
            ("POST", "", "https://example.com@attacker.example", 403), ("POST", "", "https://", 403),
            ("POST", "", "https://example.com.attacker.example", 403), ("POST", "", "example.com", 403),
            ("POST", "", "https://sub.example.com", 403), ("POST", "", "https://example.com https://x.example", 403),
        ])
    func `a request passes if it is this site's own`(
        _ method: String, _ site: String, _ origin: String, _ expected: Int
    ) async throws {
        let status = try await status(
            CrossOriginProtection(), method, site: site.isEmpty ? nil : site, origin: origin.isEmpty ? nil : origin)
        #expect(status == expected)
    }

    @Test func `a trusted origin passes either way, and no other`() async throws {
        let protection = try CrossOriginProtection<WebContext>(trustedOrigins: ["https://trusted.example"])
        for site in [nil, "cross-site", "same-site"] {
            #expect(try await status(protection, site: site, origin: "https://trusted.example") == 200)
            #expect(try await status(protection, site: site, origin: "https://attacker.example") == 403)
            #expect(try await status(protection, site: site, origin: "http://trusted.example") == 403)
            #expect(try await status(protection, site: site, origin: "https://trusted.example:8443") == 403)
        }
        #expect(try await status(protection, site: "cross-site") == 403)
    }

    @Test(
        arguments: [
            ("/bypass", 200), ("/bypass/", 200), ("/bypass/bar", 200), ("/api/", 403), ("/only/123", 200),
            ("/only/123/foo", 403), ("/only", 403), ("/foo/../bypass/bar", 403), ("/foo/../api/bar", 403),
            ("/Bypass", 403), ("//bypass/x", 200), ("/bypassed", 403), ("/%62ypass", 403),
        ])
    func `an exempt path passes as it stands, and nothing is resolved first`(
        _ path: String, _ expected: Int
    ) async throws {
        let protection = try CrossOriginProtection<WebContext>(exempt: ["/bypass/**", "/only/:id"])
        for site in [nil, "cross-site"] {
            let status = try await status(protection, path: path, site: site, origin: "https://attacker.example")
            #expect(status == expected)
        }
    }

    @Test(
        arguments: [
            "example.com", "https://", "https://example.com/", "https://example.com/path",
            "https://example.com?query=value", "https://example.com#fragment", "https://ex ample.com", "", "null",
            "://example.com", "ht tp://example.com", "https://user@example.com",
        ])
    func `what is no origin cannot be trusted`(_ text: String) {
        #expect(throws: CrossOriginError.self) { try CrossOriginProtection<WebContext>(trustedOrigins: [text]) }
    }

    @Test(arguments: ["https://example.com", "https://example.com:8080", "http://example.com", "http://[::1]:8080"])
    func `an origin can be trusted`(_ text: String) throws {
        _ = try CrossOriginProtection<WebContext>(trustedOrigins: [text])
    }

    @Test func `an origin is the request's own if host and port fit`() {
        for (origin, host) in [
            ("http://a.example", "a.example"), ("http://A.example", "a.EXAMPLE:80"), ("https://a.example", "a.example"),
            ("https://a.example", "a.example:443"), ("http://a.example:8080", "a.example:8080"),
            ("http://[::1]:8080", "[::1]:8080"),
        ] {
            #expect(WebOrigin(origin)?.isSame(as: host) == true, "\(origin) \(host)")
        }
        for (origin, host) in [
            ("null", "null"), ("", ""), ("http://", ""), ("http://a.example", "b.example"), ("http://a.example", ""),
            ("http://a.example:8081", "a.example:8080"), ("http://a.example", "a.example:8080"),
            ("http://a.example.b", "a.example"), ("http://b.a.example", "a.example"),
            ("http://a.example/", "a.example"), ("http://a.example", "a.example:443"),
        ] {
            #expect(WebOrigin(origin)?.isSame(as: host) != true, "\(origin) \(host)")
        }
    }

    @Test func `the log says what to do about the front server`() async throws {
        let log = LogLines()
        let protection = CrossOriginProtection<WebContext>(trusted: [], exempt: [])
        #expect(try await status(protection, host: "127.0.0.1:8080", origin: "https://example.com", log: log) == 403)
        #expect(log.all.count == 1)
        #expect(log.all[0].contains("Origin is https://example.com, and Host is 127.0.0.1:8080"))
        #expect(log.all[0].contains("fastcgi_param HTTP_HOST $http_host"))
    }
}
