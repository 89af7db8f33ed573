@testable import GatehouseSupervisor
import Glibc
import TestSupport
import Testing

/// What is passed on, and how much of it.
struct SupervisorLogTests {
    /// Collects what is said.
    private final class Lines {
        var all: [String] = []
    }

    private let lines = Lines()
    private let line = String(repeating: "x", count: 1_014)

    private func makeLog() -> SupervisorLog { SupervisorLog { [lines] in lines.all.append($0) } }

    /// A line of 1,024 bytes with the name in front: 512 of them are the limit.
    private func pass(_ count: Int, _ log: SupervisorLog, isDegraded: Bool = true, pool: String = "web", now: Int = 0) {
        for _ in 0..<count { log.pass(line, from: 42, of: pool, isDegraded: isDegraded, now: now) }
    }

    @Test func `a line says whose it is, unless our own log handler wrote it`() {
        let log = makeLog()
        let ours = "2026-11-24T10:00:00.123Z info Hello: a request"
        log.pass("hello", from: 42, of: "web", isDegraded: false, now: 0)
        log.pass(ours, from: 42, of: "web", isDegraded: false, now: 0)
        log.say("ready")
        #expect(lines.all == ["web[42]: hello", ours, "gatehouse: ready"])
    }

    @Test func `a pool that keeps crashing may write half a mebibyte a minute`() {
        let log = makeLog()
        pass(600, log)
        #expect(lines.all.count == 512)
        pass(1, log, now: 59_999)
        #expect(lines.all.count == 512)
        pass(1, log, now: 60_000)
        let leftOut = "gatehouse: pool web: 89 lines of its crashing workers were left out"
        #expect(lines.all.suffix(2) == [leftOut, "web[42]: \(line)"])
    }

    @Test func `one pool's lines are no other's, and who is well writes what it likes`() {
        let log = makeLog()
        pass(513, log)
        pass(1, log, pool: "api")
        #expect(lines.all.last?.hasPrefix("api[42]: ") == true)
        pass(1_000, log, isDegraded: false)
        #expect(lines.all.count == 512 + 1 + 1_000)
    }

    @Test func `a file gets the time with it, and is opened anew after it was moved`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/log"
        let log = makeLog()
        try log.use(file: path)
        log.say("first")
        rename(path, path + ".1")
        log.say("second")
        try log.reopen()
        log.say("third")
        let (old, new) = (try text(path + ".1"), try text(path))
        #expect(old.split(separator: "\n").count == 2 && old.contains("Z gatehouse: first\n"))
        #expect(new.hasSuffix("Z gatehouse: third\n") && new.count == "2026-11-24T10:00:00Z gatehouse: third\n".count)
        #expect(lines.all.isEmpty)
    }

    private func text(_ path: String) throws -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        try #require(file >= 0)
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        return String(decoding: bytes[..<max(0, read(file, &bytes, bytes.count))], as: UTF8.self)
    }
}
