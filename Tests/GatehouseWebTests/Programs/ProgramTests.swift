import GatehouseSystem
import GatehouseWeb
import Glibc
import Testing

struct ProgramTests {
    private func shell(_ script: String, deadline: Duration = .seconds(20), outputLimit: Int = 1 << 20) -> Program {
        Program("/bin/sh", ["-c", script], deadline: deadline, outputLimit: outputLimit)
    }

    @Test func `a program gets its input and gives its output, errors and status`() async throws {
        let result = try await shell("cat; echo wrong >&2; exit 3").run(input: .bytes(Array("a\0b".utf8)))
        #expect(result == ProgramResult(status: 3, output: Array("a\0b".utf8), errors: "wrong\n"))
        #expect(try await shell("wc -c").output() == Array("0\n".utf8))
    }

    @Test func `much goes both ways`() async throws {
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let program = Program("/bin/cat", outputLimit: bytes.count)
        #expect(try await program.output(input: .bytes(bytes)) == bytes)
    }

    @Test func `a file is read from its position on`() async throws {
        let file = try MemoryFile.make("file", holding: Array("abc".utf8))
        defer { close(file) }
        lseek(file, 1, SEEK_SET)
        #expect(try await Program("/bin/cat").output(input: .descriptor(file)) == Array("bc".utf8))
        #expect(fcntl(file, F_GETFD) >= 0)
    }

    @Test func `a failure says what the program wrote to standard error`() async throws {
        let error = try await #require(throws: ProgramError.self) {
            try await shell("echo first >&2; echo second >&2; exit 4").output()
        }
        #expect(error.kind == .failed(4))
        #expect(error.description == "/bin/sh failed with status 4: first; second")
        let killed = try await #require(throws: ProgramError.self) { try await shell("kill -9 $$").output() }
        #expect(killed.kind == .failed(137))
    }

    @Test func `row J10: a program that does not end is killed with what it has started`() async throws {
        let error = try await #require(throws: ProgramError.self) {
            try await shell("sleep 600 & echo $! >&2; wait", deadline: .milliseconds(300)).run()
        }
        #expect(error.kind == .deadline)
        let grandchild = try #require(Int32(error.message.prefix { $0 != "\n" }))
        // A signal takes a moment, and a zombie stays until the one who takes orphans has waited for it.
        let deadline = MonotonicClock.seconds() + 20
        while isRunning(grandchild), MonotonicClock.seconds() < deadline { await Task.yield() }
        #expect(!isRunning(grandchild))
    }

    private func isRunning(_ pid: Int32) -> Bool { kill(pid, 0) == 0 && state(of: pid) != "Z" }

    private func state(of pid: Int32) -> String? {
        guard let file = fopen("/proc/\(pid)/stat", "r") else { return "Z" }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        guard fgets(&line, 255, file) != nil else { return "Z" }
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return text.split(separator: ") ").last?.split(separator: " ").first.map(String.init)
    }

    @Test func `a program whose caller leaves is killed`() async throws {
        let task = Task { try await shell("sleep 600").run() }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func `a program that writes too much is killed`() async throws {
        let error = try await #require(throws: ProgramError.self) {
            try await shell("exec cat /dev/zero", outputLimit: 1_000).run()
        }
        #expect(error.kind == .tooMuchOutput)
        #expect(try await shell("printf 1234", outputLimit: 4).output().count == 4)
        await #expect(throws: ProgramError.self) { try await shell("printf 12345", outputLimit: 4).output() }
        // The beginning of standard error is kept.
        #expect(try await shell("head -c 100000 /dev/zero >&2").run().errors.utf8.count == 16_384)
    }

    @Test func `a program that leaves another one behind is not waited for`() async throws {
        let result = try await shell("sleep 600 & echo $!").run()
        let child = try #require(Int32(result.text.dropLast()))
        #expect(kill(child, SIGKILL) == 0)
    }

    @Test func `a program has a short environment, and no descriptor but three`() async throws {
        var program = shell("/usr/bin/env; exec ls /proc/self/fd")
        program.environment = ["COLOUR": "green"]
        program.folder = "/usr"
        let lines = try await program.run().text.split(separator: "\n")
        #expect(lines.contains("COLOUR=green") && lines.contains("PWD=/usr"))
        let passedOn: Set = ["PATH", "HOME", "USER", "LOGNAME", "LANG", "TMPDIR", "TZ"]
        let names = lines.filter { $0.contains("=") }.map { String($0.prefix { $0 != "=" }) }
        // The shell's own are the last.
        #expect(passedOn.union(["COLOUR", "PWD", "OLDPWD", "SHLVL", "_"]).isSuperset(of: names))
        // The fourth is the folder that ls reads.
        #expect(lines.suffix(4) == ["0", "1", "2", "3"])
    }

    @Test(arguments: ["", "sh", "./sh"]) func `a path that is not absolute is refused`(_ path: String) async throws {
        let error = try await #require(throws: ProgramError.self) { try await Program(path).run() }
        #expect(error.kind == .usage)
    }

    @Test func `an argument that no program can take is refused`() async throws {
        let error = try await #require(throws: ProgramError.self) { try await Program("/bin/echo", ["a\0b"]).run() }
        #expect(error.kind == .usage)
    }

    @Test func `a program that is not there is named`() async throws {
        let error = try await #require(throws: ProgramError.self) { try await Program("/nowhere/program").run() }
        #expect(error.description == "cannot run /nowhere/program: No such file or directory")
        var program = shell("true")
        program.folder = "/nowhere"
        await #expect(throws: ProgramError.self) { try await program.run() }
    }
}

extension ProgramResult {
    var text: String { String(decoding: output, as: UTF8.self) }
}
