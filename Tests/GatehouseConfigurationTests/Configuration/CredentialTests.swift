import GatehouseConfiguration
import GatehousePlan
import TestSupport
import Testing

/// `${credential:NAME}`: systemd's credentials in settings and in programs' environments.
struct CredentialTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write(Array("s3cret:/@%\n".utf8), to: "db-password", mode: 0o400)
        try folder.write(Array("12345".utf8), to: "number")
        try folder.write(Array("two\nlines\n\n".utf8), to: "lines")
        try folder.write([], to: "empty")
        try folder.write([0xFF, 0xFE], to: "bytes")
        try folder.write([65, 0, 66], to: "nul")
        try folder.write([UInt8](repeating: 65, count: 65_537), to: "large")
        _ = folder.makeFolder("folder")
    }

    private func parse(_ pool: String, folder: String?) throws -> PoolConfiguration {
        let yaml = "pools:\n  web:\n    listen: [fastcgi:/run/g.sock]\n    \(pool)\n"
        return try Configuration.parse(yaml, file: "gatehouse.yaml") {
            $0 == "CREDENTIALS_DIRECTORY" ? folder : nil
        }.pools[0]
    }

    private func settings(_ value: String, folder: String? = nil) throws -> String {
        try parse(
            "modules: [{ path: /a.so, settings: { a: \(value) } }]", folder: folder ?? self.folder.path
        ).modules[0].plan.settings
    }

    private func problem(_ value: String, folder: String? = nil) -> String {
        do {
            return try settings(value, folder: folder)
        } catch let error as ConfigurationError {
            return error.problems.map(\.description).joined(separator: "\n")
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: [
        ("'${credential:db-password}'", #""s3cret:/@%""#), ("\"x${credential:db-password}y\"", #""xs3cret:/@%y""#),
        // A password of digits is still a text.
        ("${credential:number}", #""12345""#), ("'${credential:lines}'", #""two\u000alines\u000a""#),
        ("'${credential:empty}'", #""""#), ("'${credential:gone:-none}'", #""none""#),
        ("'$${credential:x}'", #""${credential:x}""#),
    ])
    func `a credential's file is its value, without the line break at its end`(yaml: String, json: String) throws {
        let read = try parse(
            "modules:\n    - path: /a.so\n      settings:\n        a: \(yaml)", folder: folder.path)
        #expect(read.modules[0].plan.settings == "{\"a\":\(json)}")
    }

    @Test func `a program's environment can have one`() throws {
        let pool = try parse("command: [x]\n    environment: { KEY: '${credential:number}' }", folder: folder.path)
        #expect(pool.process.environment == ["KEY": "12345"])
    }

    @Test func `a changed credential is a change of the pool`() throws {
        let before = try settings("'${credential:number}'")
        try folder.write(Array("54321".utf8), to: "number")
        #expect(try settings("'${credential:number}'") != before)
    }

    @Test func `a missing credential is reported with its place and remedy`() {
        #expect(
            problem("'${credential:gone}'") == """
                gatehouse.yaml:4:45: there is no credential gone, \(folder.path) has no file gone: give it to the \
                service by systemd's LoadCredential=gone:FILE, or write ${credential:gone:-value}
                """)
        #expect(
            problem("'${credential:gone}'", folder: "").hasPrefix(
                "gatehouse.yaml:4:45: there is no credential gone, "))
    }

    @Test(arguments: [
        ("../etc/passwd", "has a name of other than"), ("", "has a name of other than"), ("..", "has a name of other"),
        ("a b", "has a name of other than"), ("bytes", "is not a text"), ("nul", "is not a text"),
        ("large", "it is larger than 65536 bytes"), ("folder", "cannot be read"),
    ])
    func `a credential that is none is reported, and nothing of its value`(name: String, reason: String) {
        let problem = problem("'${credential:\(name)}'")
        #expect(problem.hasPrefix("gatehouse.yaml:4:45: the credential \"\(name)\" "), "\(problem)")
        #expect(problem.contains(reason), "\(problem)")
        #expect(!problem.contains("AAAA"), "\(problem)")
    }

    /// Values of other keys are in messages, on command lines, in `gatehouse status`.
    @Test(arguments: [
        "log-level: '${credential:number}'", "event-loops: '${credential:number}'", "user: '${credential:number}'",
        "access-log: '${credential:number}'", "directory: '/x${credential:number}'",
    ])
    func `elsewhere a credential is refused`(line: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try parse("modules: [{ path: /a.so }]\n    \(line)", folder: folder.path)
        }
        let problems = error?.problems.map(\.message) ?? []
        #expect(problems.contains { $0.hasPrefix("a credential can stand in \"settings\" and") }, "\(problems)")
        #expect(!problems.contains { $0.contains("12345") }, "\(problems)")
    }
}

/// The state folder's default.
struct StateFolderDefaultTests {
    private func folder(_ lines: String, systemd: String?) throws -> String? {
        let yaml = lines + "pools: { web: { listen: [fastcgi:/run/g.sock], modules: [{ path: /a.so }] } }"
        return try Configuration.parse(yaml, file: "/etc/g.yaml") { $0 == "STATE_DIRECTORY" ? systemd : nil }
            .settings.stateFolder
    }

    @Test func `it is that of systemd's StateDirectory, unless the configuration names one`() throws {
        #expect(try folder("", systemd: nil) == nil)
        #expect(try folder("", systemd: "") == nil)
        #expect(try folder("", systemd: "/var/lib/gatehouse") == "/var/lib/gatehouse")
        #expect(try folder("", systemd: "/var/lib/a:/var/lib/b") == "/var/lib/a")
        #expect(try folder("", systemd: "relative") == nil)
        #expect(try folder("state: /srv/state\n", systemd: "/var/lib/gatehouse") == "/srv/state")
    }
}
