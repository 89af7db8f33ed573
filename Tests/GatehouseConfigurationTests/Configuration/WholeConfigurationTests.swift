import GatehouseConfiguration
import GatehousePlan
import Glibc
import Testing

/// Every key of the grammar, each with its meaning in the structs.
struct WholeConfigurationTests {
    static func parse(_ yaml: String, file: String = "/etc/gatehouse/gatehouse.yaml") throws -> Configuration {
        try Configuration.parse(yaml, file: file) { ["SECRET": "s3cret"][$0] }
    }

    static func web(_ lines: String) throws -> PoolConfiguration {
        try parse(
            "pools:\n  web:\n    listen: fastcgi:/run/g.sock\n    modules: [{ path: /a.so }]\n    \(lines)\n"
        ).pools[0]
    }

    @Test func `a pool of modules with everything`() throws {
        let pool = try Self.web(
            """
            workers: { min: 2, max: 8, spare: 3, idle: 10s }
                limits: { memory: 512MiB, requests-per-worker: 100000, worker-age: 24h, request: 30s, load: 5s }
                user: root
                group: "7"
                environment: { LANG: C.UTF-8, DATABASE_URL: "postgres:${SECRET}", EMPTY: "" }
                directory: /srv/app
                nice: -5
                cpus: 0
                rlimits: { open-files: 65536, core: 0, address-space: 2GiB, processes: unlimited }
                quarantine: { crashes: 5, within: 2m, for: 10m }
                stalls: { report: 250ms, backtrace: off }
                access-log: { path: logs/web.log, format: json }
            """)
        #expect(pool.workers == .scaled(min: 2, max: 8, spare: 3, idle: 10_000))
        #expect(pool.recycling.memory == 512 << 20)
        #expect(pool.recycling.requests == 100_000)
        #expect(pool.recycling.age == 86_400_000)
        #expect((pool.limits[.request], pool.limits[.load]) == (30_000, 5_000))
        #expect(pool.process.user?.user == 0)
        #expect(pool.process.user?.home == "/root")
        #expect(pool.process.user?.groups.contains(0) == true)
        #expect(pool.process.group == 7)
        #expect(
            pool.process.environment == ["LANG": "C.UTF-8", "DATABASE_URL": "postgres:s3cret", "EMPTY": ""])
        #expect((pool.process.directory, pool.process.nice) == ("/srv/app", -5))
        #expect(pool.process.processors == [0])
        #expect(
            pool.process.resourceLimits == [
                .init(resource: Int32(RLIMIT_NOFILE.rawValue), value: 65_536),
                .init(resource: Int32(__RLIMIT_NPROC.rawValue), value: nil),
                .init(resource: Int32(RLIMIT_CORE.rawValue), value: 0),
                .init(resource: Int32(RLIMIT_AS.rawValue), value: 2 << 30),
            ])
        #expect(pool.quarantine?.crashes == 5)
        #expect((pool.quarantine?.window, pool.quarantine?.duration) == (120_000, 600_000))
        #expect((pool.stalls.reportAfter, pool.stalls.backtraceAfter) == (250, 0))
        #expect(pool.accessLog == AccessLogSettings(.file("/etc/gatehouse/logs/web.log"), format: "json"))
    }

    @Test func `what is not written has its default`() throws {
        let pool = try Self.web("")
        #expect(pool.workers == .fixed(1))
        #expect(pool.recycling == RecyclingSettings())
        #expect(pool.process == ProcessSettings())
        #expect(pool.quarantine == QuarantineSettings())
        #expect(pool.stalls == StallPlan())
        #expect((pool.accessLog, pool.program) == (nil, nil))
    }

    @Test(arguments: [
        ("workers: 4", WorkerCount.fixed(4)), ("workers: \"4\"", .fixed(4)),
        ("workers: { max: 8 }", .scaled(min: 1, max: 8, spare: 1, idle: 30_000)),
        ("workers: { min: 3, max: 3 }", .fixed(3)), ("workers: { max: 1 }", .fixed(1)),
        ("workers: on-demand", .onDemand(max: 4, idle: 60_000)),
        ("workers: { on-demand: 2 }", .onDemand(max: 2, idle: 60_000)),
        ("workers: { on-demand: 9, idle: 5m }", .onDemand(max: 9, idle: 300_000)),
    ])
    func `workers are written in several ways`(line: String, expected: WorkerCount) throws {
        #expect(try Self.web(line).workers == expected)
    }

    @Test func `settings can be switched off`() throws {
        #expect(try Self.web("quarantine: off").quarantine == nil)
        let stalls = try Self.web("stalls: off").stalls
        #expect((stalls.reportAfter, stalls.backtraceAfter) == (0, 0))
        let recycling = try Self.web("limits: { memory: off, requests-per-worker: off, worker-age: off }").recycling
        #expect(recycling == RecyclingSettings())
    }

    @Test func `a later report moves the backtrace along`() throws {
        let stalls = try Self.web("stalls: { report: 10s }").stalls
        #expect((stalls.reportAfter, stalls.backtraceAfter) == (10_000, 10_000))
    }

    @Test func `an access log is a path or a mapping, and its format is not expanded`() throws {
        #expect(try Self.web("access-log: /l/web.log").accessLog == AccessLogSettings(.file("/l/web.log")))
        let log = try Self.web("access-log: { path: a.log, format: '${remote_addr} $status' }").accessLog
        #expect(log == AccessLogSettings(.file("/etc/gatehouse/a.log"), format: "${remote_addr} $status"))
    }

    @Test func `the supervisor's own settings`() throws {
        let pools = "pools: { web: { listen: fastcgi:/s/s, modules: [{ path: /a.so }] } }"
        let standard = try Self.parse(pools).settings
        #expect(standard.controlSocket == "/run/gatehouse/control.sock")
        #expect(standard.stateFolder == nil && standard.log == .standardError)
        #expect(try Self.parse("control: off\n" + pools).settings.controlSocket == nil)
        let settings = try Self.parse("control: c.sock\nstate: state\nlog: /l/g.log\n" + pools).settings
        #expect(settings.controlSocket == "/etc/gatehouse/c.sock")
        #expect(settings.stateFolder == "/etc/gatehouse/state" && settings.log == .file("/l/g.log"))
    }

    @Test(arguments: [
        ("stdout", LogPlace.standardOutput), ("stderr", .standardError), ("/dev/stdout", .standardOutput),
        ("/dev/stderr", .standardError), ("/dev/fd/1", .standardOutput), ("/proc/self/fd/2", .standardError),
        ("./stdout", .file("/etc/gatehouse/./stdout")), ("/var/log/stdout", .file("/var/log/stdout")),
    ])
    func `standard output and error are places for every log`(text: String, place: LogPlace) throws {
        let pools = "pools: { web: { listen: fastcgi:/s/s, modules: [{ path: /a.so }] } }"
        #expect(try Self.parse("log: \(text)\n" + pools).settings.log == place)
        #expect(try Self.web("access-log: \(text)").accessLog == AccessLogSettings(place))
        let log = try Self.web("access-log: { path: \(text), format: json }").accessLog
        #expect(log == AccessLogSettings(place, format: "json"))
    }

    @Test func `pools keep the file's order`() throws {
        let names = ["web", "admin", "blog-2", "A_b"]
        let pools = names.map { "\($0): { listen: fastcgi:/s/\($0), modules: [{ path: /a.so }] }" }
        let configuration = try Self.parse("pools: { \(pools.joined(separator: ", ")) }")
        #expect(configuration.pools.map(\.name) == names)
    }

    @Test func `a user without an entry needs its group named`() throws {
        let account = try Self.web("user: '4123456'\n    group: '4123457'").process.user
        #expect(account == .init(name: "4123456", user: 4_123_456, group: 4_123_457, home: "/", groups: [4_123_457]))
    }
}
