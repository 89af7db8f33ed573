internal import CGatehouseSystem
import GatehouseConfiguration
internal import GatehouseSystem
internal import Glibc

/// A `gatehouse locate` that runs: it finds functions, files and lines for the addresses that a crash has left.
///
/// It reads a worker's words with tools that were not made for hostile input. So it is a process of its own, with the
/// user of the worker and with limits, and nothing waits for it longer than ``timeout``.
final class CrashLocator {
    /// Readable when it has ended.
    let processDescriptor: Int32
    /// The time at which it has taken too long, in milliseconds of the monotonic clock; `nil` once it was ended.
    private(set) var deadline: Int?
    let pid: pid_t
    private let said: Int32

    private static let timeout = 3_000
    private static let mostBytes = 1 << 18

    /// `nil` if there is no address to locate, or no program that could.
    init?(program: String, worker: WorkerProcess, copies: ModuleCopies?, settings: ProcessSettings, now: Int) {
        var status = stat()
        guard !program.isEmpty, worker.crashFile >= 0, fstat(worker.crashFile, &status) == 0, status.st_size > 0 else {
            return nil
        }
        guard let said = try? MemoryFile.make("gatehouse-located", holding: []) else { return nil }
        var limited = settings
        limited.inheritsEnvironment = false
        limited.directory = nil
        limited.resourceLimits = [
            (RLIMIT_AS, 2 << 30), (RLIMIT_CPU, 3), (RLIMIT_FSIZE, UInt64(Self.mostBytes)), (RLIMIT_CORE, 0),
        ].map { ProcessSettings.ResourceLimit(resource: Int32($0.0.rawValue), value: $0.1) }
        let modules = copies?.all ?? []
        let words = modules.enumerated().map { "\(3 + $0.offset)=\($0.element.path)" }
        let path = ProcessEnvironment.value(of: "PATH") ?? ProgramSearch.standardPath
        let launch = ProcessLaunch(
            program: program, arguments: ["gatehouse", "locate"] + words, environment: ["PATH": path],
            descriptors: modules.map(\.descriptor), input: worker.crashFile, output: said, settings: limited)
        guard let pid = try? launch.start() else {
            close(said)
            return nil
        }
        let process = gatehouse_process_descriptor(pid)
        guard process >= 0 else {
            close(said)
            kill(pid, SIGKILL)
            _ = WorkerEnd(waitingFor: pid)
            return nil
        }
        (self.pid, self.said, processDescriptor) = (pid, said, process)
        deadline = now + Self.timeout
    }

    deinit {
        close(processDescriptor)
        close(said)
    }

    func giveUp() {
        deadline = nil
        gatehouse_signal_process(processDescriptor, SIGKILL)
    }

    /// Waits for its end; if it failed, the explanation is empty.
    func finish() -> CrashExplanation {
        // The tool that it runs is in its process group.
        kill(-pid, SIGKILL)
        guard WorkerEnd(waitingFor: pid) == .exited(status: 0) else { return CrashExplanation() }
        let bytes = (try? Descriptor.read(said, at: 0, upTo: Self.mostBytes)) ?? []
        return CrashExplanation(String(decoding: bytes, as: UTF8.self))
    }
}
