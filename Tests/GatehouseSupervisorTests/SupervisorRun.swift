import GatehouseConfiguration
import GatehouseControl
import GatehousePlan
@testable import GatehouseSupervisor
import Glibc
import TestSupport

/// A supervisor whose workers are shell scripts, and an operator who reacts to its log lines: no second thread, no
/// clock.
final class SupervisorRun {
    let folder: TemporaryFolder
    var configuration: Configuration
    /// The configuration that a reload reads.
    var next: Configuration?
    private(set) var said: [String] = []
    /// The first time that a line holds the text, the request is sent.
    private var reactions: [(text: String, request: String)] = []
    private var commands: [Int32] = []

    var socketPath: String { folder.path + "/a.sock" }
    var endpoint: Endpoint { Endpoint(.fastCGI, .unix(path: socketPath)) }

    init() throws {
        folder = try TemporaryFolder()
        configuration = Configuration(pools: [])
        configuration.settings.controlSocket = folder.path + "/control.sock"
    }

    deinit { commands.forEach { close($0) } }

    /// The pool that most tests want: one module, one socket.
    func pool(_ name: String = "web", workers: Int = 1) -> PoolConfiguration {
        var pool = PoolConfiguration(
            name: name,
            endpoints: [Endpoint(.fastCGI, .unix(path: "\(folder.path)/\(name == "web" ? "a" : name).sock"))],
            modules: [ConfiguredModule(ModulePlan(path: "/m/libA.so"))])
        pool.workers = .fixed(workers)
        return pool
    }

    func when(_ text: String, _ request: ControlRequest) {
        guard let line = try? ControlLine.encode(request) else { return }
        reactions.append((text, line))
    }

    func when(_ text: String, line: String) { reactions.append((text, line + "\n")) }

    /// - Parameter script: the shell script that takes the place of `gatehouse-worker`.
    func run(worker script: String = "exit 9") throws -> Int32 {
        let program = try folder.write(Array("#!/bin/sh\n\(script)\n".utf8), to: "gatehouse-worker", mode: 0o755)
        return try run(program: program)
    }

    func run(program: String) throws -> Int32 {
        let reload = { [weak self] () throws(OperatorError) -> Configuration in
            guard let next = self?.next else { throw OperatorError("the file is no YAML", .configuration) }
            return next
        }
        var options = Supervisor.Options(configuration: configuration, reload: reload, workerProgram: program) {
            [weak self] in self?.heard($0)
        }
        // Tests run side by side, each with children of its own.
        options.collectsStrangers = false
        return try Supervisor(options).run()
    }

    private func heard(_ line: String) {
        said.append(line)
        let requests = reactions.filter { line.contains($0.text) }.map(\.request)
        reactions.removeAll { line.contains($0.text) }
        requests.forEach { send($0) }
    }

    private func send(_ request: String) {
        let client = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        commands.append(client)
        guard let path = configuration.settings.controlSocket,
            withUnixAddress(path, { connect(client, $0, $1) }) == 0
        else { return said.append("the test cannot reach the control socket") }
        _ = request.withCString { Glibc.send(client, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
    }

    /// Answers of the supervisor, in the order of the requests; unanswered ones are left out.
    func replies() throws -> [ControlReply] {
        var replies: [ControlReply] = []
        for client in commands {
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while case let count = read(client, &buffer, buffer.count), count > 0 { bytes += buffer[..<count] }
            replies += try bytes.split(separator: 10).map { try ControlLine.decode($0) }
        }
        return replies
    }

    func count(_ text: String) -> Int { said.filter { $0.contains(text) }.count }
    func has(_ text: String) -> Bool { count(text) > 0 }

    /// Lines that a worker wrote, without the name in front.
    func written(_ prefix: String) -> [String] {
        said.compactMap { line in
            line.firstRange(of: "]: \(prefix)").map { String(line[$0.lowerBound...].dropFirst(3)) }
        }
    }
}
