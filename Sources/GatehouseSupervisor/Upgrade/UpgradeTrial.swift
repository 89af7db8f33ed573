internal import CGatehouseSystem
import GatehouseConfiguration
internal import GatehousePlan
internal import Glibc

/// The new program's own `check`, before anything is given up. What it finds wrong with the configuration, and whether
/// it can be asked at all, is found where the old one can still go on. The old one does not judge: what may stand in a
/// configuration can differ.
final class UpgradeTrial {
    let program: String
    /// Who waits for the upgrade; `nil` where a signal has asked for it.
    let client: ControlClient?
    /// Readable when the check has ended.
    let processDescriptor: Int32
    /// When it has taken too long, in milliseconds of the monotonic clock.
    private(set) var deadline: Int?
    let pid: pid_t
    private var isReaped = false
    /// A file in memory with what it says.
    private let said: Int32

    private static let gracePeriod = 5_000

    /// - Parameter arguments: those of "serve", with which "check" has all in common.
    init(
        of program: String, arguments: [String], for client: ControlClient?, now: Int
    ) throws(SupervisorError) {
        guard !program.isEmpty else { throw SupervisorError("the program's own path is not known", .internal) }
        let said = gatehouse_memory_file("gatehouse-check")
        guard said >= 0 else { throw SupervisorError("memfd_create: \(systemError())", .internal) }
        var settings = ProcessSettings()
        settings.inheritsEnvironment = true
        let launch = ProcessLaunch(
            program: program, arguments: [program, "check"] + arguments.dropFirst(),
            environment: WorkerStarter.ownEnvironment(), descriptors: [], input: STDIN_FILENO, output: said,
            settings: settings)
        let pid: pid_t
        do throws(ProcessLaunch.Failure) { pid = try launch.start() } catch {
            close(said)
            throw SupervisorError("\(program): \(systemError(error.code)): nothing was replaced", .noInput)
        }
        let process = gatehouse_process_descriptor(pid)
        guard process >= 0 else {
            let reason = systemError()
            close(said)
            kill(pid, SIGKILL)
            _ = WorkerEnd(waitingFor: pid)
            throw SupervisorError("cannot watch \(program) check: pidfd_open: \(reason)", .internal)
        }
        (self.program, self.client, self.said, self.pid) = (program, client, said, pid)
        processDescriptor = process
        deadline = now + Self.gracePeriod
    }

    deinit {
        if !isReaped {
            giveUp()
            _ = wait()
        }
        close(processDescriptor)
        close(said)
    }

    /// It has taken too long, or nobody asks any more.
    func giveUp() {
        deadline = nil
        gatehouse_signal_process(processDescriptor, SIGKILL)
    }

    /// Once it has ended: whether the program can take over.
    func evaluate() throws(SupervisorError) {
        let end = wait()
        if end == .exited(status: 0) { return }
        guard case .exited(let status) = end else {
            throw SupervisorError(
                "\(program) check ends by a signal, or not within five seconds: nothing was replaced", .internal)
        }
        var bytes = [UInt8](repeating: 0, count: 8_192)
        let count = max(0, pread(said, &bytes, bytes.count, 0))
        let lines = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
            .map { printable(String($0)) }
        throw SupervisorError(
            "nothing was replaced: \(program) check says: " + lines.joined(separator: "; "),
            ExitStatus(rawValue: status))
    }

    private func wait() -> WorkerEnd {
        isReaped = true
        return WorkerEnd(waitingFor: pid)
    }
}
