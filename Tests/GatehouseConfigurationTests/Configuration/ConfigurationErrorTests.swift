import GatehouseConfiguration
import GatehousePlan
import Testing

/// Every message names the place and what to do; all of them come at once, in the file's order.
struct ConfigurationErrorTests {
    static func problems(_ yaml: String) -> [String] {
        do {
            _ = try Configuration.parse(yaml, file: "gatehouse.yaml") {
                $0 == "SET" ? "value" : $0 == "EMPTY" ? "" : nil
            }
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    /// A pool that is right except for the lines given.
    static func pool(_ lines: String) -> String {
        "pools:\n  web:\n    listen: [fastcgi:/run/g.sock]\n    modules: [{ path: /a.so }]\n    \(lines)\n"
    }

    static let wholeFiles: [(String, String)] = [
        ("", #"1:1: the configuration is empty: it needs a key "pools""#),
        ("pool: {}", #"1:1: unknown key "pool" (did you mean "pools"?)"#),
        ("[1]", #"1:1: the configuration is a mapping with keys such as "pools", not a list"#),
        ("pools: 3", #"1:8: "pools" is a mapping from pool names to their settings, not "3""#),
        ("pools: {}", #"1:8: "pools" is a mapping from pool names to their settings, not a mapping"#),
        ("pools: { web: 1 }", #"1:15: a pool is a mapping with keys such as "listen", not "1""#),
        (
            "pools: { 'a b': { listen: fastcgi:/s/s, modules: [{path: /a}] } }",
            #"1:10: a pool's name has up to 32 letters"#
        ),
        (
            "pools: { web: { listen: 'scgi:127.0.0.1:9', modules: [{path: /a.so}], socket: { allow-users: [root] } } }",
            #"1:79: "allow-users" cannot be asked of scgi:127.0.0.1:9"#
        ),
        ("pools: [", "2:1: this is not valid YAML"),
        ("pools:\n\t- x", "2:1: this is not valid YAML"),
        ("pools: { web: { listen: a, listen: b } }", #"1:17: key "listen" is written more than once"#),
        ("pools: *nowhere", "1:8: this is not valid YAML"),
        ("control: [x]", #"1:10: "control" is a text, not a list"#),
        ("control: /run/", #"1:10: "control" is the path of a socket, up to 107 bytes, or off, not "/run/""#),
        ("contrl: off", #"1:1: unknown key "contrl" (did you mean "control"?)"#),
        ("state: ''", #"1:8: "state" is missing: write a value"#),
        ("log: {}", #"1:6: "log" is a text, not a mapping"#),
    ]

    @Test(arguments: wholeFiles)
    func `a file that is wrong as a whole says where`(yaml: String, expected: String) throws {
        let first = try #require(Self.problems(yaml).sorted().first)
        #expect(Self.problems(yaml).contains { $0.hasPrefix("gatehouse.yaml:" + expected) }, "\(first)")
    }

    static let poolLines: [(String, String)] = [
        ("modul: []", #"5:5: unknown key "modul" (did you mean "modules"?)"#),
        ("zebra: 1", #"5:5: unknown key "zebra"; a pool has "listen", "socket""#),
        ("command: [x]", #"5:5: a pool has either "modules" or a "command""#),
        ("event-loops: two", #"5:18: "event-loops" is a whole number, not "two""#),
        ("event-loops: 0", #"5:18: "event-loops" is from 1 to 16, not 0"#),
        ("event-loops: [1]", #"5:18: "event-loops" is a text, not a list"#),
        ("log-level: loud", #"5:16: "log-level" is one of trace, debug"#),
        ("log-level: ${NOPE}", "5:16: the environment variable NOPE is not set"),
        ("log-level: ${NO PE}", #"5:16: "${NO PE}" names no environment variable"#),
        ("log-level: ${SET", #"5:16: "${" has no "}" after it"#),
        ("socket: { mode: 0999 }", #"5:21: "mode" is an octal number such as "0660""#),
        ("socket: { mode: '0060' }", #"5:21: "mode" is an octal number"#),
        ("socket: { group: no-such-group-here }", #"5:22: there is no group "no-such-group-here" on this machine"#),
        ("socket: { owner: no-such-user-here }", #"5:22: there is no user"#),
        ("socket: { allow-users: root }", #"5:28: "allow-users" is a list of users, not "root""#),
        ("socket: { allow-users: [] }", #"5:28: "allow-users" is empty"#),
        ("socket: { allow-remote: perhaps }", #"5:29: "allow-remote" is true or false"#),
        ("limits: { request: 30 }", #"5:24: "request": "30" has no unit: write for instance 30s"#),
        ("limits: { request: 30sec }", #"5:24: "request": "sec" is not a unit"#),
        ("limits: { request: -5s }", #"5:24: "request": "-5s" is not a number with a unit"#),
        ("limits: { request: 0s }", #"5:24: "request": "0s" is not a time; to switch it off, write off"#),
        ("limits: { request: 900h }", #"5:24: "request" is from 1ms to 168h, not 900h"#),
        ("limits: { body: off }", #"5:21: "body": "off" is not a number with a unit"#),
        ("limits: { body: 99999999999999999999GiB }", #"5:21: "body": 99999999999999999999GiB is too large"#),
        ("limits: { body: 9999999999999GiB }", #"5:21: "body": 9999999999999GiB is too large"#),
        ("limits: { parameter-count: 0 }", #"5:32: "parameter-count" is from 1 to 100000, not 0"#),
        ("limits: { conections: 5 }", #"5:15: unknown key "conections" (did you mean "connections"?)"#),
        (
            "limits: { parameters: 1KiB, parameter-value: 2KiB }",
            #"5:50: "parameter-value" is larger than "parameters", which is 1KiB"#
        ),
    ]

    @Test(arguments: poolLines)
    func `a wrong line of a pool says where`(line: String, expected: String) {
        let problems = Self.problems(Self.pool(line))
        #expect(problems.count == 1, "\(problems)")
        #expect(problems.first?.hasPrefix("gatehouse.yaml:" + expected) == true, "\(problems)")
    }

    static let modules: [(String, String)] = [
        ("{ mount: blog, path: /a.so }", #"4:25: mount "blog" does not begin with a slash: write "/blog""#),
        ("{ mount: /a//b, path: /a.so }", #"4:25: mount "/a//b" has two slashes in a row"#),
        ("{ mount: /a/../b, path: /a.so }", #"4:25: mount "/a/../b" has a "." or "..""#),
        ("{ mount: '/a?b', path: /a.so }", #"4:25: mount "/a?b" has a character that cannot stand in a path"#),
        ("{ mount: '/a%20b', path: /a.so }", #"4:25: mount "/a%20b" has a character"#),
        ("{ mount: / }", #"4:16: the module has no "path""#),
        ("{ path: '' }", #"4:24: "path" is missing: write a value"#),
        ("{ path: [x] }", #"4:24: "path" is a text, not a list"#),
        ("{ pth: /a.so, path: /a.so }", #"4:18: unknown key "pth" (did you mean "path"?)"#),
        ("{ path: /a.so, settings: 5 }", #"4:41: "settings" is a mapping, not "5""#),
        ("{ path: /a.so, settings: { a: !secret 5 } }", "4:46: the tag !secret has no meaning here"),
        ("{ path: /a.so, settings: { a: '${NOPE}' } }", "4:46: the environment variable NOPE is not set"),
        ("{ mount: blog, path: /a.so }, { mount: /, path: /b.so }", #"4:25: mount "blog" does not begin with a slash"#),
        ("{ mount: blog, path: /a.so }, { path: /b.so }", #"4:25: mount "blog" does not begin with a slash"#),
        ("{ mount: /b, path: /a }, { mount: /b/, path: /c }", "4:50: there is a module at /b already, in line 4"),
        ("7", #"4:16: a module is a mapping with keys such as "mount", not "7""#),
    ]

    @Test(arguments: modules)
    func `a wrong module says where`(module: String, expected: String) {
        let yaml = "pools:\n  web:\n    listen: fastcgi:/run/g.sock\n    modules: [ \(module) ]\n"
        let problems = Self.problems(yaml)
        #expect(problems.count == 1, "\(problems)")
        #expect(problems.first?.hasPrefix("gatehouse.yaml:" + expected) == true, "\(problems)")
    }

    @Test func `everything that is wrong is said at once and in order`() {
        let yaml = """
            pools:
              web:
                listen: [http:/a.sock, fastcgi:/b/b, scgi:/b/b]
                limits: { request: soon }
                modul: []
            """
        #expect(
            Self.problems(yaml).map { $0.split(separator: " ")[0] } == [
                "gatehouse.yaml:3:5:", "gatehouse.yaml:3:14:", "gatehouse.yaml:3:42:", "gatehouse.yaml:4:24:",
                "gatehouse.yaml:5:5:",
            ])
    }

    @Test func `control characters of the file do not reach the terminal`() {
        let problems = Self.problems(Self.pool("\"a\\e[31mb\": 1"))
        #expect(problems.first?.unicodeScalars.allSatisfy { $0.value >= 0x20 } == true)
    }

    @Test func `the names of modules that could be read survive an error elsewhere`() {
        do {
            _ = try Configuration.parse(Self.pool("modul: 1"), file: "/etc/g.yaml") { _ in nil }
            Issue.record("no error")
        } catch {
            #expect(error.modules.map(\.plan.path) == ["/a.so"])
            #expect(error.modules.map(\.origin) == ["/etc/g.yaml:4:23"])
        }
    }

    @Test func `a file that cannot be read says so`() {
        #expect(throws: ConfigurationError.self) { try Configuration.load(file: "/nonexistent/gatehouse.yaml") }
        #expect(throws: ConfigurationError.self) { try Configuration.load(file: "/tmp") }
    }
}
