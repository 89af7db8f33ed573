import Glibc
import Testing

@testable import Gatehouse

/// What the program that `swift run` makes of a module is told.
@Suite struct StandaloneArgumentsTests {
    @Test func `without arguments it is looked at in a browser, and has no settings`() throws {
        let arguments = try StandaloneArguments([])
        #expect(arguments.endpoint == .http(host: "127.0.0.1", port: 8080))
        let settings = try arguments.readSettings()
        #expect(settings == ("{}", ""))
    }

    @Test(arguments: [
        ("fastcgi:/run/a.sock", StandaloneArguments.Endpoint.fastCGI(path: "/run/a.sock")),
        ("fastcgi:unix:/run/a.sock", .fastCGI(path: "/run/a.sock")), ("scgi:run/a.sock", .scgi(path: "run/a.sock")),
        ("http:0.0.0.0:80", .http(host: "0.0.0.0", port: 80)),
    ])
    func `an endpoint is written as in a configuration`(text: String, endpoint: StandaloneArguments.Endpoint) throws {
        #expect(try StandaloneArguments(["--listen", text]).endpoint == endpoint)
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
        #expect(misuse?.message.hasPrefix("--settings /no/such/file: this is no file that can be read") == true)
    }

    @Test(arguments: [
        (["--settings"], "--settings needs a file or JSON\n"), (["--listen"], "--listen needs an endpoint\n"),
        (["--listen", "fastcgi:a.sock"], "fastcgi:a.sock is no endpoint\n"), (["--listen", "http:x"], "http:x is no"),
        (["hello"], "unknown argument hello\n"),
    ])
    func `what is not understood is named, and the usage follows`(arguments: [String], message: String) {
        let misuse = #expect(throws: StandaloneArguments.Misuse.self) { try StandaloneArguments(arguments) }
        #expect(misuse?.message.hasPrefix(message) == true)
        #expect(misuse?.message.hasSuffix(StandaloneArguments.usage) == true)
    }

    @Test(arguments: ["--help", "-h"]) func `help is asked for`(argument: String) throws {
        #expect(try StandaloneArguments([argument]).asksForHelp)
    }
}
