import Foundation
import GatehouseControl
import GatehousePlan
import Glibc
import TestSupport
import Testing

/// Replies that an operator's command gets from a supervisor, and from a program that is none.
struct ControlConnectionTests {
    let folder: TemporaryFolder
    let supervisor: FakeSupervisor

    init() throws {
        folder = try TemporaryFolder()
        supervisor = try FakeSupervisor(folder.path + "/control.sock")
    }

    /// A connection on which the supervisor has said this before it was asked.
    private func connection(saying text: String, timeout: Int? = 30) throws -> ControlConnection {
        let connection = try ControlConnection(path: supervisor.path, timeout: timeout)
        try supervisor.accept()
        try supervisor.say(text)
        return connection
    }

    private func line(_ reply: ControlReply) throws -> String {
        String(decoding: try JSONEncoder().encode(reply), as: UTF8.self) + "\n"
    }

    /// The error of the request; `nil` if it succeeds.
    private func failure(of request: ControlRequest, on connection: ControlConnection) -> OperatorError? {
        do throws(OperatorError) {
            _ = try connection.ask(request) { _ in }
            return nil
        } catch {
            return error
        }
    }

    @Test func `progress is told until it is done`() throws {
        let text = try line(.progress("web: generation 2")) + line(.progress("two")) + line(.done("reloaded"))
        let connection = try connection(saying: text)
        var progress: [String] = []
        #expect(try connection.ask(.reload(pool: "web")) { progress.append($0) } == .done("reloaded"))
        #expect(progress == ["web: generation 2", "two"])
        #expect(supervisor.heard() == #"{"reload":{"pool":"web"}}"# + "\n")
    }

    @Test func `a status that is longer than any socket buffer arrives whole`() throws {
        var report = StatusReport.sample
        report.pools[0].workers[0].requestsInFlight = (0..<20_000).map { number in
            RequestStatus(
                id: "\(number)", method: "GET", path: "/\(number)", module: "Hello", state: "handling",
                duration: number,
                bodyBytes: 0, responseBytes: 0)
        }
        let connection = try ControlConnection(path: supervisor.path, timeout: 30)
        try supervisor.accept()
        let text = try line(.status(report))
        #expect(text.utf8.count > 2 << 20)
        nonisolated(unsafe) let supervisor = supervisor
        // A thread and no task: it may block, and this one waits for it.
        Thread.detachNewThread { try? supervisor.say(text) }
        #expect(try connection.ask(.status) { _ in } == .status(report))
    }

    @Test(arguments: [(78, 78), (0, 70), (-1, 70), (256, 70)] as [(Int32, Int32)])
    func `a failure has the supervisor's message, and never the status of success`(said: Int32, status: Int32) throws {
        let connection = try connection(saying: line(.failed(message: "no", exitStatus: said)))
        #expect(failure(of: .reopen, on: connection) == OperatorError("no", ExitStatus(rawValue: status)))
    }

    @Test func `who is turned away unheard is told why`() throws {
        let connection = try connection(saying: line(.failed(message: "only root", exitStatus: 77)))
        supervisor.hangUp()
        #expect(failure(of: .status, on: connection) == OperatorError("only root", .permission))
    }

    @Test(arguments: ["", #"{"progress":{"_0":"half"}}"# + "\n", #"{"done""#])
    func `a supervisor that ends before it has answered is an error`(said: String) throws {
        let connection = try connection(saying: said)
        supervisor.hangUp()
        let error = try #require(failure(of: .stop(atOnce: false), on: connection))
        #expect(error.exitStatus == .inputOutput)
        #expect(error.message == "the supervisor at \(supervisor.path) has ended before it answered: its log says why")
    }

    @Test(arguments: ["HTTP/1.1 400 Bad Request\r\n", "{}\n", "\n", #"{"unheardOf":{}}"# + "\n"])
    func `another program that answers is not taken for a supervisor`(said: String) throws {
        let connection = try connection(saying: said)
        let error = try #require(failure(of: .status, on: connection))
        #expect(error.exitStatus == .inputOutput && error.message.contains("is not a supervisor"))
    }

    @Test func `a supervisor that says nothing is not waited for forever`() throws {
        let connection = try connection(saying: "", timeout: 1)
        let error = try #require(failure(of: .status, on: connection))
        #expect(error.exitStatus == .inputOutput && error.message.contains("has not answered within 1 s"))
    }

    @Test(arguments: ["none.sock", "none/control.sock", "file", "file/control.sock"])
    func `where nobody listens, the message says where it looked and how to start one`(name: String) throws {
        try folder.write([], to: "file")
        let path = folder.path + "/" + name
        let error = try #require(throws: OperatorError.self) { _ = try ControlConnection(path: path) }
        #expect(error.exitStatus == .inputOutput)
        #expect(
            error.message.contains("no supervisor at \(path)") && error.message.contains("gatehouse serve --config"))
    }

    @Test(arguments: ["", "/\0", "/" + String(repeating: "x", count: 107)])
    func `a path that no socket can have is a wrong argument`(path: String) throws {
        let error = try #require(throws: OperatorError.self) { _ = try ControlConnection(path: path) }
        #expect(error.exitStatus == .usage)
    }
}
