import CGatehouseSystem
import GatehouseConfiguration
@testable import GatehouseSupervisor
import Glibc
import Testing

/// Everything that ends with a worker.
struct WorkerProcessTests {
    /// Its child answers as long as it lives.
    @Test(arguments: [(true, ""), (false, "alive")])
    func `what a program has started ends with it, and what a module has started does not`(
        isProgram: Bool, answer: String
    ) throws {
        var (question, output): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
        #expect(gatehouse_pipe(&question, 1 << 16) == 0 && gatehouse_pipe(&output, 1 << 16) == 0)
        let launch = ProcessLaunch(
            program: "/bin/sh", arguments: ["sh", "-c", "cat <&3 &"], environment: ["PATH": ProgramSearch.standardPath],
            descriptors: [question[0]], output: output[1], settings: ProcessSettings())
        var facts = WorkerFacts(number: 1, generation: 1, pid: try launch.start(), startedAt: 0, started: 0)
        close(output[1])
        if !isProgram { facts.scoreboard = gatehouse_scoreboard_create() }
        let worker = try WorkerProcess(facts, listeners: [])
        var ended = pollfd(fd: worker.processDescriptor, events: Int16(POLLIN), revents: 0)
        #expect(poll(&ended, 1, 60_000) == 1)
        #expect(worker.wait() == .exited(status: 0))
        // A process that was sent SIGKILL reads no more, even if it has not quite ended.
        #expect(write(question[1], "alive", 5) == 5)
        close(question[1])
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = read(output[0], &bytes, bytes.count)
        #expect(String(decoding: bytes[..<max(0, count)], as: UTF8.self) == answer)
        close(question[0])
        close(output[0])
    }
}
