import FoundationEssentials
@testable import GatehouseControl
import GatehousePlan
import Testing

/// A status as a person reads it, and as a program does.
struct StatusTextTests {
    @Test func `everything has its line, and columns are aligned`() {
        #expect(
            StatusText(.sample).lines.joined(separator: "\n") == """
                gatehouse 0.1.0, pid 42, up 1d2h, 9.0MiB resident, 1.2s of processor time
                configuration /etc/gatehouse/gatehouse.yaml, read 13m4s ago

                pool web: degraded, generation 3, 2 of 4 workers
                  fastcgi:/run/g/web.sock: queue 2 of 4096, longest 17
                  scgi:127.0.0.1:9000: queue longest 0
                  20000 requests, 1 failure (5xx), 500 connections, 1.1MiB received, 130GiB sent
                  7 workers started, 1 crash, at most 3 busy at one time, 1 time more wanted than allowed
                  last crash: worker 2 was killed by SIGSEGV while it served GET /report
                  quarantined: GET /report, 3 crashes, released in 4m12s

                  worker   pid  generation  state    uptime      rss    cpu  connections  requests  failures  in flight
                       1  4711           3  serving    1h2m  48.0MiB  12.3s           32     12345         3          2
                      12    99           3  loading    40ms     900B    0ms            0         0         0          0

                  duration  method  path    id   module  state       worker
                      1m1s  POST    /long   b22  Blog    responding       1
                      12ms  GET     /short  a1   Hello   handling         1

                pool idle: idle, generation 1, 0 workers
                  0 requests, 0 failures (5xx), 0 connections, 0B received, 0B sent
                  0 workers started, 0 crashes, at most 0 busy at one time, 0 times more wanted than allowed
                """)
    }

    /// A row of zeros would say that nobody asks anything.
    @Test func `of a program's requests nothing is said`() throws {
        var report = StatusReport.sample
        var program = PoolStatus(name: "php", state: .serving, generation: 1, wantedWorkers: 1, endpoints: [])
        program.workers = [
            WorkerStatus(
                number: 1, pid: 7, generation: 1, state: .serving, startedAt: 1_000, uptime: 1_000, residentBytes: 900,
                processorTime: 0)
        ]
        program.spawned = 1
        report.pools = [program]
        #expect(
            StatusText(report).lines.dropFirst(3).joined(separator: "\n") == """
                pool php: serving, generation 1, 1 worker
                  1 worker started, 0 crashes

                  worker  pid  generation  state    uptime   rss  cpu  connections  requests  failures  in flight
                       1    7           1  serving    1.0s  900B  0ms            -         -         -          -
                """)
        #expect(!(try report.json()).contains("\"requests"))
    }

    @Test func `who may connect, and why nobody can, is said`() {
        var report = StatusReport.sample
        report.pools.removeLast()
        report.pools[0].endpoints[0].access = "0660 root:www-data"
        report.pools[0].endpoints[1].problem = "nobody can connect"
        report.pools[0].startFailure = "init threw: no database"
        report.pools[0].refusedConnections = 1
        let lines = StatusText(report).lines
        for line in [
            "  fastcgi:/run/g/web.sock (0660 root:www-data): queue 2 of 4096, longest 17",
            "  scgi:127.0.0.1:9000: nobody can connect",
            "  no worker can be started, clients are answered 503: init threw: no database",
            "  1 connection answered 503 while nobody served",
        ] { #expect(lines.contains(line), "\(line)") }
    }

    @Test func `a module's databases have a row for all workers of the pool`() throws {
        var report = StatusReport.sample
        report.pools.removeLast()
        let place = "PostgreSQL at /run/postgresql, database blog"
        report.pools[0].workers[0].databases = [
            DatabaseUse(module: "Blog", place: place, open: 5, idle: 0, waiting: 12, longestWait: 1_340, limit: 10),
            DatabaseUse(module: "Notes", place: "SQLite, notes.sqlite", open: 3, idle: 3, limit: 5),
        ]
        report.pools[0].workers[1].databases = [
            DatabaseUse(module: "Blog", place: place, open: 2, idle: 2, waiting: 0, longestWait: 0, limit: 10)
        ]
        #expect(
            StatusText(report).lines.suffix(3).joined(separator: "\n") == """
                  database                                      module  open  idle  waiting  longest wait  limit
                  PostgreSQL at /run/postgresql, database blog  Blog       7     2       12          1.3s     20
                  SQLite, notes.sqlite                          Notes      3     3        0             -      5
                """)
        #expect(try report.json().contains("\"longestWait\" : 1340"))
    }

    @Test func `a pool that was scaled says so`() {
        var report = StatusReport.sample
        report.pools[0].scaledTo = 4
        let headline = "pool web: degraded, generation 3, 2 of 4 workers"
        #expect(StatusText(report).lines.contains(headline + ", scaled to 4 until the next reload"))
    }

    @Test func `a reload that failed and a loop that is held are said`() {
        var report = StatusReport.sample
        report.lastReloadFailure = "pool web: no"
        report.pools[0].workers[0].heldFor = 3_200
        let lines = StatusText(report).lines
        #expect(lines.contains("the last reload has failed, and the old workers go on serving: pool web: no"))
        #expect(lines.contains("  worker 1: an event loop has been held for 3.2s"))
    }

    /// Row D5: nothing that a request has said reaches the terminal as more than text.
    @Test func `what others have said is escaped everywhere`() throws {
        let evil = "/\u{1B}]0;x\u{7}\n\u{9B}2J\u{202E}\u{7F}é"
        var report = StatusReport.sample
        report.lastReloadFailure = evil
        report.configuration = evil
        report.pools[0].name = evil
        report.pools[0].lastCrash = evil
        report.pools[0].quarantines[0].path = evil
        report.pools[0].quarantines[0].method = evil
        report.pools[0].endpoints[0].endpoint = evil
        report.pools[0].workers[0].requestsInFlight = [
            RequestStatus(
                id: evil, method: evil, path: evil, module: evil, state: evil, duration: 1, bodyBytes: 0,
                responseBytes: 0)
        ]
        let lines = StatusText(report).lines
        #expect(lines.allSatisfy { $0.unicodeScalars.allSatisfy(\.isPrintable) })
        let escaped = #"/\x1b]0;x\x07\n\x9b2J\u{202e}\x7fé"#
        #expect(lines.count { $0.contains(escaped) } == 7)
        let json = try report.json()
        #expect(json.unicodeScalars.allSatisfy { $0.isPrintable || $0 == "\n" })
        #expect(try JSONDecoder().decode(StatusReport.self, from: Data(json.utf8)) == report)
    }

    @Test func `a long path is cut`() {
        var report = StatusReport.sample
        report.pools[0].quarantines[0].path = "/" + String(repeating: "x", count: 100)
        let expected = "quarantined: GET /" + String(repeating: "x", count: 58) + "…, 3 crashes"
        #expect(StatusText(report).lines.contains { $0.contains(expected) })
    }

    @Test func `numbers without sense do not trap`() {
        var report = StatusReport.sample
        (report.uptime, report.loadedAt, report.startedAt) = (.max, .min, .max)
        report.residentBytes = .max
        report.processorTime = .min
        report.pools[0].workers[0].requestsInFlight?[0].duration = .min
        report.pools[0].bodyBytes = -1
        #expect(StatusText(report).lines[0].contains("8191PiB resident, 0ms of processor time"))
    }

    @Test func `JSON has sorted keys, and leaves out what is not known`() throws {
        let json = try StatusReport.sample.json()
        #expect(json.hasPrefix("{\n  \"configuration\" : \"/etc/gatehouse/gatehouse.yaml\",\n  \"loadedAt\""))
        #expect(!json.contains("lastReloadFailure"))
        #expect(try JSONDecoder().decode(StatusReport.self, from: Data(json.utf8)) == .sample)
    }

    @Test(
        arguments: [
            (0, "0ms"), (999, "999ms"), (1_000, "1.0s"), (59_999, "59.9s"), (60_000, "1m0s"), (3_599_999, "59m59s"),
            (3_600_000, "1h0m"), (86_399_000, "23h59m"), (86_400_000, "1d0h"), (-5, "0ms"),
        ])
    func `durations have the unit that fits`(milliseconds: Int, text: String) {
        #expect(HumanUnits.duration(milliseconds) == text)
    }

    @Test(
        arguments: [
            (0, "0B"), (1_023, "1023B"), (1_024, "1.0KiB"), (102_399, "99.9KiB"), (102_400, "100KiB"),
            ((1 << 20) - 1, "1023KiB"), (1 << 20, "1.0MiB"), (1 << 50, "1.0PiB"), (-1, "0B"),
        ])
    func `sizes have the unit that fits`(bytes: Int, text: String) {
        #expect(HumanUnits.size(bytes) == text)
    }

    /// The database's counts are those of the latest look, whichever worker had it.
    @Test func `jobs have a line for each queue`() {
        var report = StatusReport.sample
        var first = JobUse(module: "Blog", queue: "default"), second = first
        (first.pending, first.oldest, first.dead, first.moment, first.active, first.done) = (9, 5_000, 1, 1_000, 1, 20)
        (second.pending, second.running, second.dead, second.moment, second.failed) = (10_000, 3, 2, 2_000, 4)
        report.pools[0].workers[0].jobs = [first]
        report.pools[0].workers[1].jobs = [second]
        let lines = StatusText(report).lines
        let index = lines.firstIndex { $0.hasPrefix("  jobs ") } ?? 0
        #expect(
            lines[index...].prefix(2).joined(separator: "\n") == """
                  jobs     module  pending  oldest  running  dead  here  done  failed
                  default  Blog     10000+       -        3     2     1    20       4
                """)
    }
}
