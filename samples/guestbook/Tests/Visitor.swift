import DatabaseTestSupport
import FoundationEssentials
import Gatehouse
import GatehouseTesting

@testable import Guestbook

/// The databases that the sample runs over; each test leaves a server's as it was.
enum Kind: CaseIterable {
    case sqlite, postgres, mysql

    func test(
        settings: String = "{}", _ body: @Sendable @escaping (ModuleTester) async throws -> Void
    ) async throws {
        let resources = String(#filePath.dropLast("/Tests/Visitor.swift".count)) + "/Resources"
        func run(_ database: ModuleTester.TestDatabase) async throws {
            try await ModuleTester.run(
                Guestbook.self, database: database, settings: settings, resourceFolder: resources, body)
        }
        switch self {
        case .sqlite: try await run(.sqlite)
        case .postgres:
            let server = try await PostgresServer.shared
            try await server.withDatabase { try await run(.postgres(url: server.url($0))) }
        case .mysql:
            let server = try await MariaDBServer.shared
            try await server.withDatabase { try await run(.mysql(url: server.url($0))) }
        }
    }
}

/// Somebody at a browser: it keeps the cookies that it gets.
actor Visitor {
    static let password = "correct+horse+battery"
    /// One pixel.
    static let png = [UInt8](
        Data(
            base64Encoded:
                "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
        ) ?? Data())

    private let guestbook: ModuleTester
    private var cookies: [String: String] = [:]

    init(_ guestbook: ModuleTester) { self.guestbook = guestbook }

    /// Somebody with an account: `ada@example.org` for Ada.
    static func signedUp(_ name: String, _ guestbook: ModuleTester) async throws -> Visitor {
        let visitor = Visitor(guestbook)
        let answer = try await visitor.post(
            "/sign-up", "name=\(name)&email=\(name.lowercased())%40example.org&password=\(password)")
        guard answer.status == .seeOther else { throw Refused(text: answer.text) }
        return visitor
    }

    struct Refused: Error {
        var text: String
    }

    func get(_ target: some StringProtocol) async throws -> ModuleTester.Response {
        try await send(.init(target: String(target), headers: [.accept: "text/html"]))
    }

    func post(
        _ target: some StringProtocol, _ form: String = "", headers: HTTPFields = [:]
    ) async throws -> ModuleTester.Response {
        var headers = headers
        headers[.accept] = "text/html"
        headers[.contentType] = "application/x-www-form-urlencoded"
        return try await send(
            .init(method: .post, target: String(target), headers: headers, body: Array(form.utf8)))
    }

    /// Sends the form of an entry, as a browser does.
    func write(
        _ text: String, name: String = "Ada", picture: [UInt8]? = nil
    ) async throws -> ModuleTester.Response {
        func part(_ name: String, _ more: String = "") -> [UInt8] {
            Array("--boundary\r\nContent-Disposition: form-data; name=\"\(name)\"\(more)\r\n\r\n".utf8)
        }
        let end = Array("\r\n".utf8)
        var body = part("name") + Array(name.utf8) + end + part("text") + Array(text.utf8) + end
        body += part("picture", "; filename=\"\(picture == nil ? "" : "a.png")\"\r\nContent-Type: image/png")
        body += (picture ?? []) + end + Array("--boundary--\r\n".utf8)
        return try await send(
            .init(
                method: .post, target: "/entries",
                headers: [.accept: "text/html", .contentType: "multipart/form-data; boundary=boundary"], body: body))
    }

    private func send(_ request: ModuleTester.Request) async throws -> ModuleTester.Response {
        var request = request
        if !cookies.isEmpty {
            request.headers[.cookie] = cookies.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: "; ")
        }
        let answer = try await guestbook.send(request)
        for text in answer.headers[values: .setCookie] {
            let pair = text.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1)
            if let name = pair.first { cookies[String(name)] = pair.count > 1 ? String(pair[1]) : "" }
        }
        return answer
    }
}
