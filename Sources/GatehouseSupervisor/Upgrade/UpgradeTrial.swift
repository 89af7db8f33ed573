internal import CGatehouseSystem
import GatehouseConfiguration
internal import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// Runs the new program's `check` first, while the old one can still carry on. The new program judges, because the
/// accepted configuration may differ between versions.
final class UpgradeTrial {
    let program: String
    /// The command that waits for the upgrade; `nil` if a signal asked for it.
    let client: ControlClient?
    /// Readable when the check has ended.
    let processDescriptor: Int32
    /// The time at which the check has taken too long, in milliseconds of the monotonic clock; `nil` once it was ended.
    private(set) var deadline: Int?
    let pid: pid_t
    private var isReaped = false
    /// A file in memory with the check's output.
    private let said: Int32

    private static let gracePeriod = 5_000

    /// - Parameter arguments: those of `serve`; `check` takes the same.
    init(
        of program: String, arguments: [String], for client: ControlClient?, now: Int
    ) throws(OperatorError) {
        guard !program.isEmpty else { throw OperatorError("the program's own path is not known", .internal) }
        let said: Int32
        do throws(SystemError) { said = try MemoryFile.make("gatehouse-check", holding: []) } catch {
            throw OperatorError("\(error)", .internal)
        }
        var settings = ProcessSettings()
        settings.inheritsEnvironment = true
        let launch = ProcessLaunch(
            program: program, arguments: [program, "check"] + arguments.dropFirst(),
            environment: ProcessEnvironment.all, descriptors: [], input: STDIN_FILENO, output: said,
            settings: settings)
        let pid: pid_t
        do throws(ProcessLaunch.Failure) { pid = try launch.start() } catch {
            close(said)
            throw OperatorError("\(program): \(SystemError.text(error.code)): nothing was replaced", .noInput)
        }
        let process = gatehouse_process_descriptor(pid)
        guard process >= 0 else {
            let reason = SystemError.text()
            close(said)
            kill(pid, SIGKILL)
            _ = WorkerEnd(waitingFor: pid)
            throw OperatorError("cannot watch \(program) check: pidfd_open: \(reason)", .internal)
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

    /// Ends the check: it has taken too long, or nobody waits for it any more.
    func giveUp() {
        deadline = nil
        gatehouse_signal_process(processDescriptor, SIGKILL)
    }

    /// Waits for the check, which has ended.
    /// - Throws: if the program cannot take over.
    func evaluate() throws(OperatorError) {
        let end = wait()
        if end == .exited(status: 0) { return }
        guard case .exited(let status) = end else {
            throw OperatorError(
                "\(program) check ends by a signal, or not within five seconds: nothing was replaced", .internal)
        }
        let bytes = (try? Descriptor.read(said, at: 0, upTo: 8_192)) ?? []
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
            .map { printable(String($0)) }
        throw OperatorError(
            "nothing was replaced: \(program) check says: " + lines.joined(separator: "; "),
            ExitStatus(rawValue: status))
    }

    private func wait() -> WorkerEnd {
        isReaped = true
        return WorkerEnd(waitingFor: pid)
    }
}
