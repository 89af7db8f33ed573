internal import CGatehouseSystem
internal import FoundationEssentials
public import GatehouseConfiguration
public import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// The question how many connections a database's server allows, asked by a process with a pool's user, environment
/// and limits: libraries read there what a server sends, and nothing of root is left.
public struct ServerInquiry {
    private let pool: PoolConfiguration
    private let workerProgram: String

    /// The longest that an answer takes, in milliseconds.
    private static let timeout: Int32 = 10_000
    private static let longestAnswer = 65_536

    /// - Parameter pool: the module's. Only root can become its user; anybody else asks as who they are.
    public init(in pool: PoolConfiguration, workerProgram: String) {
        var pool = pool
        if geteuid() != 0 {
            pool.process.user = nil
            pool.process.group = nil
        }
        self.pool = pool
        self.workerProgram = workerProgram
    }

    /// Waits for the answer, ten seconds at most.
    /// - Throws: if the process cannot be started, fails, takes too long or answers what is not understood.
    public func ask(_ question: DatabaseQuestion) throws(OperatorError) -> DatabaseAnswer {
        guard let asked = try? MemoryFile.make("gatehouse-question", holding: Array(JSONEncoder().encode(question)))
        else { throw OperatorError("the question cannot be written: \(SystemError.text())", .internal) }
        defer { close(asked) }
        let answered: Int32
        do throws(SystemError) { answered = try MemoryFile.make("gatehouse-answer", holding: []) } catch {
            throw OperatorError("\(error)", .internal)
        }
        defer { close(answered) }
        let child = try WorkerStarter.launch(
            ProcessLaunch(
                program: workerProgram, arguments: [workerProgram, "--database"],
                environment: WorkerStarter.environment(of: pool), descriptors: [answered], input: asked,
                output: STDERR_FILENO, settings: pool.process), of: pool)
        let isLate = Self.killIfLate(child)
        switch WorkerEnd(waitingFor: child) {
        case .exited(status: 0): break
        case .exited(let status):
            throw OperatorError("\(workerProgram) --database left with status \(status)", .internal)
        case .killed(let signal):
            let reason =
                isLate
                ? "took longer than \(Self.timeout / 1_000) seconds" : "was ended by \(SignalName.describe(signal))"
            throw OperatorError("\(workerProgram) --database \(reason)", .internal)
        }
        let bytes = (try? Descriptor.read(answered, at: 0, upTo: Self.longestAnswer)) ?? []
        guard let answer = try? JSONDecoder().decode(DatabaseAnswer.self, from: Data(bytes)) else {
            throw OperatorError("gatehouse and gatehouse-worker are of different builds", .internal)
        }
        return answer
    }

    /// - Returns: whether the process had to be killed.
    private static func killIfLate(_ child: pid_t) -> Bool {
        let process = gatehouse_process_descriptor(child)
        // Without a descriptor, the limits of the process itself must do.
        guard process >= 0 else { return false }
        defer { close(process) }
        var end = pollfd(fd: process, events: Int16(POLLIN), revents: 0)
        guard retryingOnInterruption({ poll(&end, 1, timeout) }) == 0 else { return false }
        gatehouse_signal_process(process, SIGKILL)
        return true
    }
}
