import GatehouseConfiguration
import GatehousePlan
import Glibc
import Testing

/// Pools that run a program instead of modules.
struct ProgramPoolTests {
    static func yaml(listen: String = "http:/run/d.sock", _ lines: String) -> String {
        "pools:\n  django:\n    listen: \(listen)\n    \(lines)\n"
    }

    static func parse(listen: String = "http:/run/d.sock", _ lines: String) throws -> PoolConfiguration {
        try Configuration.parse(yaml(listen: listen, lines), file: "/etc/g/gatehouse.yaml") {
            ["PORT": "80"][$0]
        }.pools[0]
    }

    @Test func `a program is read`() throws {
        let pool = try Self.parse(
            "command: [gunicorn, mysite.wsgi, '', '${PORT}']\n    workers: 2\n    stop-signal: SIGINT\n"
                + "    limits: { drain: 5s, load: 10s, memory: 1GiB, worker-age: 1h }")
        #expect(
            pool.program
                == ProgramSettings(
                    command: ["gunicorn", "mysite.wsgi", "", "80"], socketPassing: .listenFDs, stopSignal: SIGINT))
        #expect(pool.workers == .fixed(2))
        #expect((pool.limits[.drain], pool.limits[.load]) == (5_000, 10_000))
        #expect((pool.recycling.memory, pool.recycling.age) == (1 << 30, 3_600_000))
        #expect(pool.modules.isEmpty)
    }

    @Test func `a program's probe is a path with its query`() throws {
        #expect(try Self.parse("command: [x]").program?.probe == nil)
        #expect(try Self.parse("command: [x]\n    probe: /health?deep=1").program?.probe == "/health?deep=1")
    }

    @Test(arguments: [
        ("http:/s/a", "", ProgramSettings.SocketPassing.listenFDs), ("uwsgi:/s/a", "", .listenFDs),
        ("fastcgi:/s/a", "", .standardInput), ("scgi:/s/a", "", .standardInput),
        ("fastcgi:/s/a", "\n    socket-passing: listen-fds", .listenFDs),
        ("http:/s/a", "\n    socket-passing: stdin", .standardInput),
        ("[fastcgi:/s/a, http:/s/b]", "", .listenFDs),
        ("[fastcgi:/s/a, fastcgi:/s/b]", "\n    socket-passing: listen-fds", .listenFDs),
    ])
    func `the default of socket-passing is that of the protocol`(
        listen: String, line: String, socketPassing: ProgramSettings.SocketPassing
    ) throws {
        #expect(try Self.parse(listen: listen, "command: [x]" + line).program?.socketPassing == socketPassing)
    }

    @Test(arguments: [
        ("gunicorn", "gunicorn"), ("/usr/bin/x", "/usr/bin/x"), ("./run", "/etc/g/./run"), ("bin/x", "/etc/g/bin/x"),
    ])
    func `a program with a slash is beside the configuration`(text: String, program: String) throws {
        #expect(try Self.parse("command: [\(text)]").program?.command == [program])
    }

    static let wrong: [(String, String)] = [
        ("command: gunicorn mysite.wsgi", #"4:14: "command" is a list, the program and its arguments: write [guni"#),
        ("command: []", #"4:14: "command" is empty"#),
        ("command: ['']", "4:15: the program is missing"),
        ("command: [x, [y]]", "4:18: an argument is a text, not a list"),
        ("command: [x, '${NOPE}']", "4:18: the environment variable NOPE is not set"),
        ("command: [x, \"a\\0b\"]", "4:18: an argument cannot have a NUL in it"),
        ("command: [x]\n    socket-passing: fd", #"5:21: "socket-passing" is listen-fds or stdin, not "fd""#),
        ("command: [x]\n    stop-signal: KILL", #"5:18: "stop-signal" is one of TERM, INT, QUIT"#),
        ("command: [x]\n    probe: health", #"5:12: "probe" is the path of a request, such as /health"#),
        ("command: [x]\n    probe: /a b", #"5:12: "probe" is the path of a request"#),
        ("command: [x]\n    event-loops: 2", #"5:5: "event-loops" means nothing for a pool with a "command""#),
        ("command: [x]\n    log-level: info", #"5:5: "log-level" means nothing for a pool with a "command""#),
        ("command: [x]\n    quarantine: off", #"5:5: "quarantine" means nothing"#),
        ("command: [x]\n    stalls: off", #"5:5: "stalls" means nothing"#),
        ("command: [x]\n    access-log: /a", #"5:5: "access-log" means nothing"#),
        ("command: [x]\n    limits: { request: 1s }", #"5:15: "request" means nothing for a pool with a "command""#),
        ("command: [x]\n    limits: { requests-per-worker: 5 }", #"5:15: "requests-per-worker" means nothing"#),
        ("command: [x]\n    workers: { max: 4 }", #"5:14: a pool with a "command" has a number of workers"#),
        ("command: [x]\n    workers: on-demand", #"5:14: a pool with a "command" has a number of workers"#),
        ("command: [x]\n    socket: { allow-users: [root] }", #"5:15: "allow-users" is checked by workers that run"#),
    ]

    @Test(arguments: wrong)
    func `a wrong line says where`(lines: String, expected: String) {
        let problems = ConfigurationErrorTests.problems(Self.yaml(lines))
        #expect(problems.count == 1, "\(problems)")
        #expect(problems.first?.hasPrefix("gatehouse.yaml:" + expected) == true, "\(problems)")
    }

    @Test func `one descriptor 0 cannot be two sockets`() {
        let problems = ConfigurationErrorTests.problems(
            Self.yaml(listen: "[fastcgi:/s/a, fastcgi:/s/b]", "command: [x]"))
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix("gatehouse.yaml:3:13: a program gets one socket") == true, "\(problems)")
    }
}
