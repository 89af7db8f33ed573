import GatehouseConfiguration
import GatehousePlan
import Glibc
import TestSupport
import Testing

/// `${file:PATH}`: a file's text in settings and in programs' environments. Row K4.
struct SecretFileTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write(Array("s3cret:/@%\n".utf8), to: "key", mode: 0o400)
        try folder.write(Array("12345".utf8), to: "number")
        try folder.write([0xFF, 0xFE], to: "bytes")
        try folder.write([65, 0, 66], to: "nul")
        try folder.write([UInt8](repeating: 65, count: 65_537), to: "large")
        _ = folder.makeFolder("folder")
        _ = mkfifo(folder.path + "/pipe", 0o600)
    }

    private func settings(_ value: String, pool: String = "") throws -> String {
        let yaml =
            "pools:\n  web:\n    listen: [fastcgi:/run/g.sock]\n\(pool)"
            + "    modules:\n    - path: /a.so\n      settings:\n        a: \(value)\n"
        return try Configuration.parse(yaml, file: folder.path + "/gatehouse.yaml") { _ in nil }.pools[0].modules[0]
            .plan.settings
    }

    private func problem(_ value: String, pool: String = "") -> String {
        do {
            return try settings(value, pool: pool)
        } catch let error as ConfigurationError {
            return error.problems.map(\.description).joined(separator: "\n")
        } catch {
            return "\(error)"
        }
    }

    @Test func `a file's text is the value, from the configuration's folder or from the root`() throws {
        #expect(try settings("'${file:key}'") == #"{"a":"s3cret:/@%"}"#)
        #expect(try settings("'x${file:\(folder.path)/key}y'") == #"{"a":"xs3cret:/@%y"}"#)
        #expect(try settings("${file:number}") == #"{"a":"12345"}"#)
        #expect(try settings("'${file:gone:-none}'") == #"{"a":"none"}"#)
        #expect(try settings("'$${file:key}'") == #"{"a":"${file:key}"}"#)
    }

    @Test func `a changed file is a change of the pool`() throws {
        let before = try settings("'${file:number}'")
        try folder.write(Array("54321".utf8), to: "number")
        #expect(try settings("'${file:number}'") != before)
    }

    @Test(arguments: [
        ("gone", "there is no file"), ("folder", "it is no ordinary file"), ("pipe", "it is no ordinary file"),
        ("/dev/zero", "it is no ordinary file"), ("bytes", "is not a text"), ("nul", "is not a text"),
        ("large", "it is larger than 65536 bytes"), ("", "names no file"), ("key/x", "Not a directory"),
    ])
    func `a file that cannot be used is reported with its line, and without its text`(name: String, message: String) {
        let text = problem("'${file:\(name)}'")
        #expect(text.hasPrefix("\(folder.path)/gatehouse.yaml:7:12: "), "\(text)")
        #expect(text.contains(message) && !text.contains("s3cret"), "\(text)")
    }

    @Test func `a file's text stands where no message shows it`() {
        let text = problem("b", pool: "    log-level: '${file:key}'\n")
        #expect(text.contains("a file's text can stand in \"settings\" and in \"environment\" alone"), "\(text)")
        #expect(!text.contains("s3cret"))
    }

    @Test(.enabled(if: geteuid() == 0)) func `root reads no more than the pool's user could`() throws {
        chmod(folder.path, 0o755)
        let refused = problem("'${file:key}'", pool: "    user: nobody\n")
        #expect(refused.contains("cannot be read") && refused.contains("Permission denied"), "\(refused)")
        #expect(try settings("'${file:number}'", pool: "    user: nobody\n") == #"{"a":"12345"}"#)
        // The rights are this process's own again.
        #expect(try settings("'${file:key}'") == #"{"a":"s3cret:/@%"}"#)
        // Without its user nobody knows with whose rights.
        let unknown = problem("'${file:key}'", pool: "    user: no-such-user\n")
        #expect(unknown.contains("there is no user") && !unknown.contains("s3cret"))
    }
}
