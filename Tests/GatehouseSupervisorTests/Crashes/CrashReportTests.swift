import GatehouseControl
import GatehousePlan
@testable import GatehouseSupervisor
import Glibc
import TestSupport
import Testing

/// Reports of crashes: the culprit, the log lines, and the files that are kept.
struct CrashReportTests {
    @Test func `the request whose code crashed is named, and those that went down with it`() throws {
        let dead = try DeadWorker(says: "hello\nMain.swift:3: Fatal error: no such thing\nlast words\n")
        dead.has("/crash?token=1", inSlot: 0)
        dead.has("/sleep", inSlot: 1)
        dead.crashed(by: SIGSEGV, inSlot: 0)
        let report = dead.report()
        #expect(report.culprit?.path == "/crash?token=1" && report.inFlight.count == 2)
        #expect(
            report.summary.hasPrefix(
                "worker 3 (pid \(dead.worker.pid)) was killed by signal 11, SIGSEGV: bad memory access while it served"
                    + ": Main.swift:3: Fatal error: no such thing; it was at GET /crash?token=1 [id-1], module Hello"))
        #expect(report.lines.count == 2 && report.lines[1].hasPrefix("worker 3 also had GET /sleep"))
    }

    @Test func `one request alone is to blame, wherever its code ran`() throws {
        let dead = try DeadWorker()
        dead.has("/alone", inSlot: 5)
        #expect(dead.report().culprit == nil, "nobody has crashed: it was killed from outside")
        dead.crashed(by: SIGABRT, inSlot: -1)
        #expect(dead.report().culprit?.path == "/alone")
        dead.has("/other", inSlot: 6)
        #expect(dead.report().culprit == nil, "of two nobody knows which")
    }

    @Test func `the log names twenty of those who went down, and counts the others`() throws {
        let dead = try DeadWorker()
        for slot in 0..<25 { dead.has("/\(slot)", inSlot: slot) }
        let lines = dead.report(.exited(status: 3)).lines
        #expect(lines.count == 22 && lines[0].contains("left with status 3 while it served"))
        #expect(lines.last == "worker 3 had 5 more requests")
    }

    @Test func `the file has everything, and none of it is more than text`() throws {
        let folder = try TemporaryFolder()
        let dead = try DeadWorker(says: "evil \u{1B}[2J\nsecond\n", backtrace: "libA.so+0x1 \u{7}main\n$s4evil\n")
        dead.has("/cr\u{9B}ash", inSlot: 0)
        dead.crashed(by: SIGILL, inSlot: 0)
        let path = try dead.report().write(to: folder.path)
        let text = try read(path)
        #expect(path.hasPrefix("\(folder.path)/crash-2") && path.hasSuffix("-web-\(dead.worker.pid).txt"))
        #expect(text.contains("\npool: web\nworker: 3, pid \(dead.worker.pid), generation 2\n"))
        #expect(text.contains("requests in flight:\n  GET /cr"))
        #expect(text.contains("backtrace of the thread that crashed:\n  libA.so+0x1 \\x07main\n  $s4evil\n"))
        #expect(text.hasSuffix("its last output:\n  evil \\x1b[2J\n  second\n"))
        #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) })
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o007 == 0)
    }

    @Test func `Swift's reason and the place are said in the first line, and all calls in the file`() throws {
        let folder = try TemporaryFolder()
        let dead = try DeadWorker(backtrace: "module libA.so+0x10\nmodule libA.so+0x20\nlibc.so.6+0x3\n")
        dead.has("/", inSlot: 0)
        dead.crashed(by: SIGILL, inSlot: 0)
        var report = dead.report(.killed(signal: SIGILL))
        report.explanation = CrashExplanation(
            """
            a warning of the tool
            reason: Index out of range
            place: in A.pick(_:) at A/A.swift:3
            call: in A.pick(_:) at A/A.swift:3
            call: in closure #1 in A.routes(_:) at A/A.swift:9 (inlined)
            call: libc.so.6+0x3
            """)
        #expect(report.why == "Index out of range, in A.pick(_:) at A/A.swift:3")
        #expect(report.summary.contains("served: Index out of range, in A.pick(_:) at A/A.swift:3; it was at GET /"))
        #expect(report.explanation?.loggedLines == ["  in closure #1 in A.routes(_:) at A/A.swift:9 (inlined)"])
        let text = try read(report.write(to: folder.path))
        #expect(text.contains("innermost call first:\n  in A.pick(_:) at A/A.swift:3\n  in closure #1"))
        #expect(!text.contains("no line of a module's source is known"))
    }

    @Test func `what Swift has written is kept, and only the place is added`() throws {
        let dead = try DeadWorker(says: "A/A.swift:3: Fatal error: no such thing\n")
        var report = dead.report()
        report.explanation = CrashExplanation("reason: other words\nplace: in A.f() at A/A.swift:3\n")
        #expect(report.why == "A/A.swift:3: Fatal error: no such thing, in A.f() at A/A.swift:3")
    }

    @Test func `where no line is known, the file says what that takes and names the modules`() throws {
        let folder = try TemporaryFolder()
        var report = try DeadWorker(backtrace: "module libA.so+0x10\n").report()
        report.explanation = CrashExplanation("")
        report.modules = ["/m/libA.so"]
        #expect(report.why == nil)
        let text = try read(report.write(to: folder.path))
        #expect(text.contains("no line of a module's source is known") && text.contains("one of\n  /m/libA.so\n"))
    }

    @Test func `an explanation is text of bounded length, whatever it was made of`() {
        let call = "call: " + String(repeating: "x", count: 5_000) + "\n"
        let explanation = CrashExplanation("reason: \u{1B}[2J\nplace:\n:\nplace" + String(repeating: call, count: 500))
        #expect(explanation.reason == "\\x1b[2J" && explanation.place?.isEmpty == true)
        #expect(explanation.calls.count == 400 && explanation.calls.allSatisfy { $0.unicodeScalars.count <= 1_001 })
    }

    @Test func `two hundred reports are kept, the newest`() throws {
        let folder = try TemporaryFolder()
        for number in 0..<210 { try folder.write([], to: "crash-20200101T000000Z-web-\(1_000 + number).txt") }
        try folder.write([], to: "notes.txt")
        let path = try DeadWorker().report().write(to: folder.path)
        #expect(access(path, F_OK) == 0 && access(folder.path + "/notes.txt", F_OK) == 0)
        #expect(access(folder.path + "/crash-20200101T000000Z-web-1010.txt", F_OK) != 0)
        #expect(access(folder.path + "/crash-20200101T000000Z-web-1011.txt", F_OK) == 0)
    }

    @Test func `where it cannot be written, that is said`() throws {
        let report = try DeadWorker().report()
        #expect(throws: OperatorError.self) { try report.write(to: "/no/such/folder") }
    }

    private func read(_ path: String) throws -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        try #require(file >= 0)
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        return String(decoding: bytes[..<max(0, Glibc.read(file, &bytes, bytes.count))], as: UTF8.self)
    }
}
