import GatehouseConfiguration
import GatehousePlan
@testable import GatehouseSupervisor
import Glibc
import TestSupport
import Testing

/// Lines that are passed on, and their limits.
struct SupervisorLogTests {
    /// Collects the lines.
    private final class Lines {
        var all: [String] = []
    }

    private let lines = Lines()
    private let line = String(repeating: "x", count: 1_024 - "2026-11-24T10:00:00.123Z info web[42]: ".count)

    private func makeLog() -> SupervisorLog { SupervisorLog { [lines] in lines.all.append($0) } }

    /// Lines without the time that each begins with.
    private var untimed: [String] { lines.all.map { String($0.dropFirst("2026-11-24T10:00:00.123Z ".count)) } }

    /// A line of 1,024 bytes, its prefix included: 512 of them are the limit.
    private func pass(_ count: Int, _ log: SupervisorLog, isDegraded: Bool = true, pool: String = "web", now: Int = 0) {
        for _ in 0..<count { log.pass(line, from: 42, of: pool, isDegraded: isDegraded, now: now) }
    }

    @Test func `a line says whose it is, unless a worker of ours wrote it by our own log handler`() {
        let log = makeLog()
        let ours = "2026-11-24T10:00:00.123Z info Hello [5f3a-1c] a request"
        let notOurs = "2026-11-24T10:00:00.123Z GET /"
        for line in ["hello", ours, notOurs] { log.pass(line, from: 42, of: "web", isDegraded: false, now: 0) }
        log.pass(ours, from: 42, of: "php", isProgram: true, isDegraded: false, now: 0)
        log.say("ready")
        log.say("it has failed", .error)
        #expect(lines.all[1] == ours)
        #expect(
            untimed == [
                "info web[42]: hello", "info Hello [5f3a-1c] a request", "info web[42]: " + notOurs,
                "info php[42]: " + ours, "notice gatehouse: ready", "error gatehouse: it has failed",
            ])
    }

    @Test func `every line begins with the time, a level and who says it`() throws {
        let log = makeLog()
        log.say("one")
        log.pass("two", from: 42, of: "web", isDegraded: false, now: 0)
        for line in lines.all {
            #expect(try /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (notice|info) \S+: \w+/.wholeMatch(in: line) != nil)
        }
    }

    @Test func `a pool that keeps crashing may write half a mebibyte a minute`() {
        let log = makeLog()
        pass(600, log)
        #expect(lines.all.count == 512)
        pass(1, log, now: 59_999)
        #expect(lines.all.count == 512)
        pass(1, log, now: 60_000)
        let leftOut = "warning gatehouse: pool web: 89 lines of its crashing workers were left out"
        #expect(untimed.suffix(2) == [leftOut, "info web[42]: \(line)"])
    }

    @Test func `one pool's lines are no other's, and who is well writes what it likes`() {
        let log = makeLog()
        pass(513, log)
        pass(1, log, pool: "api")
        #expect(untimed.last?.hasPrefix("info api[42]: ") == true)
        pass(1_000, log, isDegraded: false)
        #expect(lines.all.count == 512 + 1 + 1_000)
    }

    @Test func `a file is opened anew after it was moved`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/log"
        let log = makeLog()
        try log.use(.file(path))
        log.say("first")
        rename(path, path + ".1")
        log.say("second")
        try log.reopen()
        log.say("third")
        let (old, new) = (try text(path + ".1"), try text(path))
        #expect(old.split(separator: "\n").count == 2 && old.contains("Z notice gatehouse: first\n"))
        let third = "Z notice gatehouse: third\n"
        #expect(new.hasSuffix(third) && new.count == "2026-11-24T10:00:00.123".count + third.count)
        #expect(lines.all.isEmpty)
        try log.use(.standardError)
        log.say("fourth")
        #expect(lines.all.count == 1)
    }

    @Test func `nobody waits for a FIFO without a reader, and who comes reads how much was lost`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/log"
        try #require(mkfifo(path, 0o600) == 0)
        let log = makeLog()
        try log.use(.file(path))
        for _ in 0..<1_000 { log.say(line) }
        #expect(log.waitingDescriptor != nil)
        let reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        try #require(reader >= 0)
        defer { close(reader) }
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        repeat {
            while case let count = read(reader, &buffer, buffer.count), count > 0 { all += buffer[..<count] }
            log.flush()
        } while log.waitingDescriptor != nil
        while case let count = read(reader, &buffer, buffer.count), count > 0 { all += buffer[..<count] }
        let written = String(decoding: all, as: UTF8.self).split(separator: "\n")
        let notice = try #require(written.last?.firstMatch(of: /warning gatehouse: (\d+) lines of the log were lost/))
        #expect(try #require(Int(notice.1)) + written.count - 1 == 1_000)
    }

    @Test func `what cannot be a log says what to do`() throws {
        let folder = try TemporaryFolder()
        try #require(symlink("/nowhere", folder.path + "/link") == 0)
        let log = makeLog()
        #expect {
            try log.use(.file(folder.path + "/link"))
        } throws: { error in
            (error as? OperatorError)?.message.contains("it is a symbolic link, which is not followed") == true
        }
        // Lines that it had go on.
        log.say("here")
        #expect(lines.all.count == 1)
    }

    private func text(_ path: String) throws -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        try #require(file >= 0)
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        return String(decoding: bytes[..<max(0, read(file, &bytes, bytes.count))], as: UTF8.self)
    }
}
