import GatehouseConfiguration
import GatehousePlan
import Testing

/// Faults in the settings of a pool, and between pools.
struct PoolErrorTests {
    static let lines: [(String, String)] = [
        ("workers: 0", #"5:14: "workers" is from 1 to 100, not 0"#),
        ("workers: many", #"5:14: "workers" is a whole number, not "many""#),
        ("workers: [1]", #"5:14: "workers" is a number, on-demand, or a mapping"#),
        ("workers: { min: 2 }", #"5:14: "workers" has neither "max" nor "on-demand""#),
        ("workers: { min: 9, max: 8 }", #"5:21: "min" is 9, more than "max", which is 8"#),
        ("workers: { max: 8, spare: 8 }", #"5:31: "spare" is 8; it has to be less than "max", which is 8"#),
        ("workers: { max: 8, idle: off }", #"5:30: "idle" is from 1s to 168h, not off"#),
        ("workers: { on-demand: 2, min: 1 }", #"5:30: "min" and "on-demand" exclude each other"#),
        ("workers: { max: 8, spar: 1 }", #"5:24: unknown key "spar" (did you mean "spare"?)"#),
        ("limits: { memory: 1MiB }", #"5:23: "memory" is from 16MiB to"#),
        ("limits: { requests-per-worker: 0 }", #"5:36: "requests-per-worker" is from 1 to"#),
        ("limits: { worker-age: 10ms }", #"5:27: "worker-age" is from 1s to 8760h, not 10ms"#),
        ("user: no-such-user-here", #"5:11: there is no user "no-such-user-here" on this machine"#),
        ("user: '4123456'", #"5:11: user 4123456 has no entry on this machine"#),
        ("group: no-such-group-here", #"5:12: there is no group "no-such-group-here" on this machine"#),
        ("environment: [A=1]", #"5:18: "environment" is a mapping from names to values, not a list"#),
        ("environment: { 1A: x }", #"5:20: an environment variable's name has letters, digits and "_", not "1A""#),
        ("environment: { LISTEN_FDS: 3 }", #"5:20: "LISTEN_FDS" is set by Gatehouse itself for each process"#),
        ("environment: { A: '${NOPE}' }", "5:23: the environment variable NOPE is not set"),
        ("environment: { A: [1] }", #"5:23: "A" is a text, not a list"#),
        ("directory: ''", #"5:16: "directory" is missing"#),
        ("nice: 20", #"5:11: "nice" is from -20 to 19, not 20"#),
        ("cpus: 3-1", #"5:11: "cpus" are numbers and ranges, such as 0-3,6 or [0, 1], not "3-1""#),
        ("cpus: 1,,2", #"5:11: "cpus" are numbers and ranges"#),
        ("cpus: 0-1-2", #"5:11: "cpus" are numbers and ranges"#),
        ("cpus: -1", #"5:11: "cpus" are numbers and ranges"#),
        ("cpus: [0, 99999999999999999999]", #"5:15: "cpus" are numbers and ranges"#),
        ("cpus: [0, 1023]", "5:15: there is no processor 1023 on this machine"),
        ("cpus: []", #"5:11: "cpus" is empty"#),
        ("rlimits: { open-files: unlimited }", #"5:28: "open-files" cannot be unlimited"#),
        ("rlimits: { open-files: 3 }", #"5:28: "open-files" is from 64 to 1073741824, not 3"#),
        ("rlimits: { stack: 8 }", #"5:23: "stack": "8" has no unit"#),
        ("rlimits: { cores: 0 }", #"5:16: unknown key "cores" (did you mean "core"?)"#),
        ("quarantine: yes", #"5:17: quarantine, unless it is off, is a mapping"#),
        ("quarantine: { crashes: 0 }", #"5:28: "crashes" is from 1 to 1000, not 0"#),
        ("quarantine: { for: off }", #"5:24: "for" is from 1s to 168h, not off"#),
        ("stalls: { backtrace: 500ms }", #"5:26: "backtrace" comes before "report", which is 1s"#),
        ("stalls: { report: 1ms }", #"5:23: "report" is from 50ms to 1h, not 1ms"#),
        ("access-log: { format: json }", #"5:17: the access log has no "path""#),
        (
            "access-log: { path: /a, format: [x] }",
            #"5:37: "format" is combined, combined-id, common, common-id, json, or"#
        ),
        ("socket-passing: stdin", #"5:5: "socket-passing" means nothing for a pool of modules"#),
        ("stop-signal: INT", #"5:5: "stop-signal" means nothing for a pool of modules"#),
    ]

    @Test(arguments: lines)
    func `a wrong line of a pool says where`(line: String, expected: String) {
        let problems = ConfigurationErrorTests.problems(ConfigurationErrorTests.pool(line))
        #expect(problems.count == 1, "\(problems)")
        #expect(problems.first?.hasPrefix("gatehouse.yaml:" + expected) == true, "\(problems)")
    }

    static let endpoints: [(String, String)] = [
        ("http:/run/g.sock", #"endpoint "http:/run/g.sock": modules are served by fastcgi:, scgi: and uwsgi:"#),
        ("fastcgi:systemd:a:b", #"endpoint "fastcgi:systemd:a:b": after systemd: comes a FileDescriptorName="#),
    ]

    @Test(arguments: endpoints)
    func `modules cannot serve every endpoint`(endpoint: String, expected: String) {
        let problems = ConfigurationErrorTests.problems(
            "pools:\n  web:\n    listen: [\"\(endpoint)\"]\n    modules: [{ path: /a.so }]\n")
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix("gatehouse.yaml:3:14: " + expected) == true, "\(problems)")
    }

    static let shared: [(String, String, String)] = [
        ("fastcgi:/s/a", "scgi:/s/a", #"pool "a" has it already, in line 2"#),
        ("fastcgi:/s/a", "fastcgi:/s//./a", #"pool "a" has it already, in line 2"#),
        ("fastcgi:127.0.0.1:9000", "scgi:127.0.0.1:9000", #"pool "a" has it already, in line 2"#),
        ("fastcgi:systemd:x", "scgi:systemd:x", #"pool "a" has it already, in line 2"#),
        ("fastcgi:stdin", "scgi:fd:0", #"pool "a" has it already, in line 2"#),
        (
            "fastcgi:/s/a", "fastcgi:/run/gatehouse/control.sock",
            "the default control socket has it already"
        ),
    ]

    @Test(arguments: shared)
    func `an address belongs to one pool`(first: String, second: String, expected: String) {
        let yaml = """
            pools:
              a: { listen: "\(first)", modules: [{ path: /a.so }] }
              b: { listen: "\(second)", modules: [{ path: /a.so }] }
            """
        let problems = ConfigurationErrorTests.problems(yaml)
        #expect(problems.count == 1, "\(problems)")
        #expect(problems.first?.hasPrefix("gatehouse.yaml:3:16: endpoint") == true, "\(problems)")
        #expect(problems.first?.contains(expected) == true, "\(problems)")
    }

    @Test func `two pools cannot have one name, however it is quoted`() {
        let pool = "{ listen: fastcgi:/s/s, modules: [{ path: /a.so }] }"
        let other = "{ listen: fastcgi:/s/t, modules: [{ path: /a.so }] }"
        #expect(
            ConfigurationErrorTests.problems("pools:\n  7: \(pool)\n  '7': \(other)\n")
                == [#"gatehouse.yaml:3:3: there is a pool "7" already, in line 2"#])
        #expect(
            ConfigurationErrorTests.problems("pools:\n  web: \(pool)\n  web: \(other)\n").first?
                .contains("written more than once") == true)
    }

    @Test func `errors of all pools come at once, in the file's order`() {
        let yaml = """
            pools:
              a: { listen: fastcgi:/s/a, modules: [{ path: /a.so }], nice: 30 }
              b: { listen: fastcgi:/s/b }
              c: { listen: fastcgi:/s/a, command: [x], stalls: off }
            """
        #expect(
            ConfigurationErrorTests.problems(yaml).map { $0.split(separator: " ")[0] } == [
                "gatehouse.yaml:2:64:", "gatehouse.yaml:3:6:", "gatehouse.yaml:4:16:", "gatehouse.yaml:4:44:",
            ])
    }
}
