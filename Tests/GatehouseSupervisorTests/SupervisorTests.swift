import GatehouseConfiguration
import GatehousePlan
@testable import GatehouseSupervisor
import Glibc
import Testing

/// The supervisor with a shell script as its worker.
struct SupervisorTests {
    let folder: TemporaryFolder
    var socketPath: String { folder.path + "/a.sock" }

    init() throws { folder = try TemporaryFolder() }

    private func run(worker script: String) throws -> (status: Int32, said: [String]) {
        let program = try folder.write(Array("#!/bin/sh\n\(script)\n".utf8), to: "gatehouse-worker", mode: 0o755)
        var pool = PoolConfiguration(
            name: "web", endpoints: [Endpoint(.fastcgi, .unix(path: socketPath))],
            modules: [ConfiguredModule(ModulePlan(path: "/m/libA.so"))])
        pool.eventLoops = 3
        var said: [String] = []
        let status = try Supervisor(pool: pool, workerProgram: program) { said.append($0) }.run()
        return (status, said)
    }

    private func text(_ name: String) -> String {
        let descriptor = open(folder.path + "/" + name, O_RDONLY)
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = max(0, read(descriptor, &buffer, buffer.count))
        return String(decoding: buffer[..<count], as: UTF8.self)
    }

    @Test func `the worker's reports are acted on, its status passed on, and the socket file removed`() throws {
        let (status, said) = try run(
            worker: """
                test -S \(socketPath) || exit 9
                echo '{"loading":{"path":"/m/libA.so"}}' >&3
                echo '{"loaded":{"path":"/m/libA.so","name":"A","version":"1.0"}}' >&3
                echo '{"ready":{}}' >&3
                exit 3
                """)
        #expect(said == ["ready: fastcgi:\(socketPath), 1 module (/ → A 1.0)", "the worker left with status 3"])
        #expect(status == 3)
        #expect(access(socketPath, F_OK) != 0)
    }

    @Test func `a worker that dies in a module's init is that module's fault`() throws {
        let (status, said) = try run(worker: #"echo '{"loading":{"path":"/m/libA.so"}}' >&3; kill -ILL $$"#)
        #expect(status == ExitStatus.moduleInitTrapped.rawValue)
        #expect(said.first?.contains("/m/libA.so") == true)
    }

    @Test func `a worker that writes nonsense is killed`() throws {
        let (status, _) = try run(worker: "echo nonsense >&3; exec cat <&3")
        #expect(status == ExitStatus.internal.rawValue)
    }

    /// Row E9. The number 10 is the shell's own, on which it reads the script.
    @Test func `the worker inherits its standard streams, control, plan and listeners, and nothing else`() throws {
        let leaked = open("/dev/null", O_RDONLY)
        defer { close(leaked) }
        // The descriptor with which the shell lists the folder is gone again when the loop's body runs.
        _ = try run(
            worker: """
                cd /proc/$$/fd
                for number in *; do test -e $number && found="$found $number"; done
                echo $found > \(folder.path)/descriptors
                readlink 0 > \(folder.path)/input
                """)
        let numbers = Set(text("descriptors").split(whereSeparator: \.isWhitespace).map(String.init))
        #expect(numbers.subtracting(["10"]) == ["0", "1", "2", "3", "4", "5"])
        #expect(text("input") == "/dev/null\n")
    }

    @Test func `the worker reads its whole plan from its descriptor`() throws {
        _ = try run(worker: "cat <&4 > \(folder.path)/plan")
        let plan = text("plan")
        #expect(plan.contains(#""eventLoops":3"#) && plan.contains(#""descriptor":5"#) && plan.contains("libA.so"))
    }

    @Test func `a program that cannot be started is named`() throws {
        let pool = PoolConfiguration(name: "web", endpoints: [Endpoint(.fastcgi, .unix(path: socketPath))])
        let supervisor = Supervisor(pool: pool, workerProgram: folder.path + "/none") { _ in }
        let error = #expect(throws: SupervisorError.self) { try supervisor.run() }
        #expect(error?.message.contains("\(folder.path)/none: No such file or directory") == true)
        #expect(access(socketPath, F_OK) != 0)
    }
}
