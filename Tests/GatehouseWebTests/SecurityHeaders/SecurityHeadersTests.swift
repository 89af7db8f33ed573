@testable import GatehouseWeb
import HTTPTypes
import Hummingbird
import Testing

struct SecurityHeadersTests {
    private func response(
        _ policy: SecurityPolicy = SecurityPolicy(), isSecure: Bool = true, _ headers: HTTPFields = [:],
        _ handler: @escaping @Sendable (WebContext) throws -> Void = { _ in }
    ) async throws -> HTTPFields {
        var visitor = Visitor()
        visitor.isSecure = isSecure
        return try await SecurityHeaders(policy).handle(visitor.request(), context: visitor.context()) { _, context in
            try handler(context)
            return Response(status: .ok, headers: headers)
        }.headers
    }

    private func value(_ name: String, _ headers: HTTPFields) -> String? {
        HTTPField.Name(name).flatMap { headers[$0] }
    }

    @Test func `the defaults are careful`() async throws {
        let headers = try await response()
        #expect(
            headers[.contentSecurityPolicy]
                == "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
                + "frame-ancestors 'none'")
        #expect(headers[.xContentTypeOptions] == "nosniff")
        #expect(value("Referrer-Policy", headers) == "same-origin")
        #expect(value("Cross-Origin-Opener-Policy", headers) == "same-origin")
        #expect(headers[.strictTransportSecurity] == nil && value("Permissions-Policy", headers) == nil)
    }

    @Test func `a nonce is in the policy if the page has asked for it, and another one each time`() async throws {
        let box = LogLines()
        for _ in 0..<2 {
            let headers = try await response { context in
                box.add(context.nonce)
                #expect(context.nonce == box.all.last)
            }
            let nonce = try #require(box.all.last)
            #expect(nonce.utf8.count == 22)
            let policy = try #require(headers[.contentSecurityPolicy])
            #expect(policy.contains("; script-src 'self' 'nonce-\(nonce)'; style-src 'self' 'nonce-\(nonce)'"))
            #expect(policy.hasPrefix("default-src 'self'; img-src"))
        }
        #expect(box.all[0] != box.all[1])
    }

    @Test func `a nonce stands where a policy forbade everything`() async throws {
        var policy = SecurityPolicy()
        policy.content = ContentPolicy()
        policy.content?["script-src"] = "'none'"
        policy.content?["style-src"] = "https://styles.example"
        policy.content?["upgrade-insecure-requests"] = ""
        let plain = try await response(policy)
        #expect(
            plain[.contentSecurityPolicy]
                == "script-src 'none'; style-src https://styles.example; upgrade-insecure-requests")
        let headers = try await response(policy) { $0.values[NonceValue.self] = "N" }
        #expect(
            headers[.contentSecurityPolicy]
                == "script-src 'nonce-N'; style-src https://styles.example 'nonce-N'; upgrade-insecure-requests")
    }

    @Test func `a handler's own header wins`() async throws {
        let headers = try await response(
            SecurityPolicy(), [.contentSecurityPolicy: "default-src 'none'", .xContentTypeOptions: "x"])
        #expect(headers[values: .contentSecurityPolicy] == ["default-src 'none'"])
        #expect(headers[values: .xContentTypeOptions] == ["x"])
    }

    @Test func `what is only for TLS is only sent over it`() async throws {
        var policy = SecurityPolicy()
        policy.strictTransport = StrictTransport(maximumAge: .seconds(86_400), includesSubdomains: true)
        let secure = try await response(policy)
        #expect(secure[.strictTransportSecurity] == "max-age=86400; includeSubDomains")
        let plain = try await response(policy, isSecure: false)
        #expect(plain[.strictTransportSecurity] == nil && value("Cross-Origin-Opener-Policy", plain) == nil)
        policy.isHTTPSOnly = true
        #expect(try await response(policy, isSecure: false)[.strictTransportSecurity] != nil)
    }

    @Test func `a header can be left out, and an error's response has them too`() async throws {
        var policy = SecurityPolicy()
        policy.content = nil
        policy.referrer = nil
        policy.permissions = "camera=()"
        let headers = try await response(policy) { _ in throw HTTPError(.notFound) }
        #expect(headers[.contentSecurityPolicy] == nil && value("Referrer-Policy", headers) == nil)
        #expect(value("Permissions-Policy", headers) == "camera=()")
    }
}
