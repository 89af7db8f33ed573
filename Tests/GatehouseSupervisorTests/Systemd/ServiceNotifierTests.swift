@testable import GatehouseSupervisor
import GatehouseSystem
import Glibc
import TestSupport
import Testing

@Suite struct ServiceNotifierTests {
    let folder: TemporaryFolder
    let manager: Manager

    init() throws {
        folder = try TemporaryFolder()
        manager = Manager(folder.path + "/notify")
    }

    private func service(_ more: [String: String] = [:], pid: pid_t = 10) -> ServiceNotifier {
        ServiceNotifier(
            environment: ["NOTIFY_SOCKET": manager.address].merging(more) { $1 }, pid: pid)
    }

    @Test func `several notices are one message`() {
        defer { manager.stop() }
        service().notify(.ready, .status("2 pools, 8 workers"))
        #expect(manager.next()?.lines == ["READY=1", "STATUS=2 pools, 8 workers"])
        #expect(manager.next() == nil)
    }

    @Test(
        arguments: [
            (.stopping, "STOPPING=1"), (.watchdog, "WATCHDOG=1"),
            (.extendTimeout(microseconds: 1_500_000), "EXTEND_TIMEOUT_USEC=1500000"),
            (.extendTimeout(microseconds: -1), "EXTEND_TIMEOUT_USEC=0"),
        ] as [(ServiceNotice, String)])
    func `each notice has systemd's word`(notice: ServiceNotice, line: String) {
        defer { manager.stop() }
        service().notify(notice)
        #expect(manager.next()?.lines == [line])
    }

    @Test func `a reload says when it began, by the clock that systemd compares with`() throws {
        defer { manager.stop() }
        func now() -> Int {
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            return time.tv_sec * 1_000_000 + time.tv_nsec / 1_000
        }
        let before = now()
        service().notify(.reloading)
        let lines = try #require(manager.next()?.lines)
        #expect(lines.first == "RELOADING=1")
        let said = try #require(lines.dropFirst().first.flatMap { Int($0.dropFirst("MONOTONIC_USEC=".count)) })
        #expect(lines[1].hasPrefix("MONOTONIC_USEC=") && (before...now()).contains(said))
    }

    @Test func `a status cannot become another field`() {
        defer { manager.stop() }
        service().notify(.status("web\nMAINPID=1\u{1B}[2J" + String(repeating: "x", count: 10_000)))
        let lines = manager.next()?.lines ?? []
        #expect(lines.count == 1)
        #expect(lines.first?.hasPrefix("STATUS=web\\nMAINPID=1\\x1b[2Jxxx") == true)
        #expect((lines.first?.utf8.count ?? 0) < 2_048)
    }

    @Test func `an abstract address is reached too`() {
        let abstract = Manager("@gatehouse-test-\(getpid())-\(UInt64.random(in: 0...UInt64.max))")
        defer { abstract.stop() }
        ServiceNotifier(environment: ["NOTIFY_SOCKET": abstract.address], pid: 10).notify(.ready)
        #expect(abstract.next()?.lines == ["READY=1"])
    }

    @Test(arguments: [
        nil, "", "relative", "vsock:2:1234", "/nowhere/\(String(repeating: "n", count: 200))", "/nowhere",
    ])
    func `a manager that is not there costs nothing`(address: String?) {
        let service = ServiceNotifier(environment: address.map { ["NOTIFY_SOCKET": $0] } ?? [:], pid: 10)
        #expect(service.isPresent == (address?.isEmpty == false))
        service.notify(.ready)
        #expect(!service.store(descriptor: 0, name: "web"))
        #expect(!service.removeStored(name: "web"))
    }

    @Test func `a manager with a full queue does not block, and is told later, in order`() throws {
        defer { manager.stop() }
        let service = service()
        var sent = 0
        while service.unsent.isEmpty, sent < 100_000 {
            service.notify(.status(String(sent)))
            sent += 1
        }
        #expect(!service.unsent.isEmpty)
        // A ping is no news by then.
        service.notify(.watchdog)
        var received: [String] = []
        while let message = manager.next() { received += message.lines }
        service.notify(.ready)
        #expect(service.unsent.isEmpty)
        while let message = manager.next() { received += message.lines }
        #expect(received == (0..<sent).map { "STATUS=\($0)" } + ["READY=1"])
    }

    @Test func `a manager that never listens costs a bounded amount`() {
        let service = ServiceNotifier(environment: ["NOTIFY_SOCKET": folder.path + "/nobody"], pid: 10)
        for number in 0..<1_000 { service.notify(.status(String(number))) }
        #expect(service.unsent.count == 16)
        #expect(service.unsent.last == "STATUS=999")
        manager.stop()
    }

    @Test func `a descriptor is stored under its name, and forgotten by it`() throws {
        defer { manager.stop() }
        var pair: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
        defer { pair.forEach { close($0) } }
        let service = service()
        #expect(service.store(descriptor: pair[0], name: "gatehouse.web"))
        let message = try #require(manager.next())
        #expect(message.lines == ["FDSTORE=1", "FDNAME=gatehouse.web", "FDPOLL=0"])
        // It is the very same socket: bytes written to the other end arrive here.
        #expect(write(pair[1], "x", 1) == 1)
        var byte: UInt8 = 0
        #expect(read(message.descriptor, &byte, 1) == 1 && byte == UInt8(ascii: "x"))
        close(message.descriptor)
        #expect(service.removeStored(name: "gatehouse.web"))
        #expect(manager.next()?.lines == ["FDSTOREREMOVE=1", "FDNAME=gatehouse.web"])
    }

    @Test(arguments: ["", "a:b", "a\nMAINPID=1", "é", String(repeating: "n", count: 256)])
    func `a name that systemd would refuse is not sent`(name: String) {
        defer { manager.stop() }
        #expect(!service().store(descriptor: 0, name: name))
        #expect(!service().removeStored(name: name))
        #expect(manager.next() == nil)
    }

    @Test(
        arguments: [
            (["WATCHDOG_USEC": "30000000"], 15_000), (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "10"], 15_000),
            (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "11"], nil), ([:], nil), (["WATCHDOG_USEC": "0"], nil),
            (["WATCHDOG_USEC": "-5"], nil), (["WATCHDOG_USEC": "soon"], nil), (["WATCHDOG_USEC": "1"], 1),
            (["WATCHDOG_USEC": "18446744073709551615"], Int(UInt64.max / 2_000)),
            (["WATCHDOG_USEC": "18446744073709551616"], nil),
        ] as [([String: String], Int?)])
    func `the watchdog is fed twice in its time, by the process that it watches`(more: [String: String], wanted: Int?) {
        defer { manager.stop() }
        #expect(service(more).watchdogInterval == wanted)
    }

    @Test func `a successor is told what it needs, and not whom the watchdog watched before`() {
        defer { manager.stop() }
        #expect(
            service(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "10"]).variables
                == ["NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "30000000"])
        #expect(service().variables == ["NOTIFY_SOCKET": manager.address])
    }

    @Test func `what is taken from the environment is no longer in it`() {
        // Names of no meaning to anybody else, as tests run beside each other.
        setenv("GATEHOUSE_TEST_TAKEN", "1", 1)
        #expect(
            ProcessEnvironment.take(["GATEHOUSE_TEST_TAKEN", "GATEHOUSE_TEST_ABSENT"]) == ["GATEHOUSE_TEST_TAKEN": "1"])
        #expect(getenv("GATEHOUSE_TEST_TAKEN") == nil)
        manager.stop()
    }
}
