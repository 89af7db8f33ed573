import GatehousePlan
import Glibc
import Testing

@testable import Gatehouse

/// The command line of the program that `swift run` makes of a module.
@Suite struct StandaloneArgumentsTests {
    @Test func `without arguments it serves a browser, and has no settings`() throws {
        let arguments = try StandaloneArguments([])
        #expect(arguments.place == .http(host: "127.0.0.1", port: 8080))
        let settings = try arguments.readSettings()
        #expect(settings == ("{}", ""))
    }

    @Test(arguments: [
        ("fastcgi:/run/a.sock", StandaloneArguments.Place.gateway(.fastCGI, path: "/run/a.sock")),
        ("fastcgi:unix:/run/a.sock", .gateway(.fastCGI, path: "/run/a.sock")),
        ("scgi:run/a.sock", .gateway(.scgi, path: "run/a.sock")),
        ("uwsgi:./a.sock", .gateway(.uwsgi, path: "./a.sock")),
        ("http:0.0.0.0:80", .http(host: "0.0.0.0", port: 80)),
        ("http:[::1]:80", .http(host: "::1", port: 80)),
    ])
    func `an endpoint is written as in a configuration`(text: String, place: StandaloneArguments.Place) throws {
        #expect(try StandaloneArguments(["--listen", text]).place == place)
    }

    @Test(arguments: ["fastcgi:a.sock", "http:x", "/run/a.sock", "uwgsi:/run/a.sock", "scgi:", "fastcgi:@a", "fd:1"])
    func `a malformed endpoint is refused in the words of the configuration's reader`(text: String) {
        let malformed = #expect(throws: Endpoint.Malformed.self) { try Endpoint(parsing: text) }
        let misuse = #expect(throws: StandaloneArguments.Misuse.self) { try StandaloneArguments(["--listen", text]) }
        #expect(misuse?.message == "\(malformed?.message ?? "")\n\(StandaloneArguments.usage)")
    }

    @Test(arguments: [
        "fastcgi:127.0.0.1:9000", "scgi:stdin", "fastcgi:systemd:web", "http:/run/a.sock", "uwsgi:[::1]:9000",
    ])
    func `an endpoint that only gatehouse serves is refused by name`(text: String) {
        let misuse = #expect(throws: StandaloneArguments.Misuse.self) { try StandaloneArguments(["--listen", text]) }
        #expect(misuse?.message.hasPrefix("endpoint \"\(text)\": a module's own program serves only ") == true)
        for gatewayProtocol in GatewayProtocol.allCases {
            #expect(misuse?.message.contains("\(gatewayProtocol.rawValue):") == true)
        }
    }

    @Test func `settings are JSON or a file with JSON`() throws {
        let json = #" { "greeting": "Good evening" }"#
        let written = try StandaloneArguments(["--settings", json]).readSettings()
        #expect(written == (json, "--settings"))
        var path = Array("/tmp/gatehouse-settings-XXXXXX".utf8CString)
        let descriptor = mkstemp(&path)
        try #require(descriptor >= 0)
        let file = String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { unlink(file) }
        #expect(write(descriptor, json, json.utf8.count) == json.utf8.count)
        close(descriptor)
        let read = try StandaloneArguments(["--settings", file]).readSettings()
        #expect(read == (json, file))
        let gone = try StandaloneArguments(["--settings", "/no/such/file"])
        let misuse = #expect(throws: StandaloneArguments.Misuse.self) { try gone.readSettings() }
        #expect(misuse?.message.hasPrefix("--settings /no/such/file: neither a file that can be read nor JSON") == true)
    }

    @Test(arguments: [
        (["--settings"], "--settings needs a file or JSON\n"), (["--listen"], "--listen needs an endpoint\n"),
        (["--listen", "fastcgi:a.sock"], "endpoint \"fastcgi:a.sock\": "),
        (["--listen", "http:x"], "endpoint \"http:x\": "), (["hello"], "unknown argument hello\n"),
    ])
    func `an argument that is not understood is named, and the usage follows`(arguments: [String], message: String) {
        let misuse = #expect(throws: StandaloneArguments.Misuse.self) { try StandaloneArguments(arguments) }
        #expect(misuse?.message.hasPrefix(message) == true)
        #expect(misuse?.message.hasSuffix(StandaloneArguments.usage) == true)
    }

    @Test(arguments: ["--help", "-h"]) func `help is asked for`(argument: String) throws {
        #expect(try StandaloneArguments([argument]).asksForHelp)
    }
}
