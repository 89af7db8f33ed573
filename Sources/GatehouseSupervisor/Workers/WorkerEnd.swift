internal import CGatehouseSystem
internal import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// The end of a worker's process.
public enum WorkerEnd: Equatable, Sendable {
    /// The process left with this status.
    case exited(status: Int32)
    /// A signal ended the process.
    case killed(signal: Int32)

    /// Waits for the end of a child process.
    init(waitingFor child: pid_t) {
        var status: Int32 = 0
        guard retryingOnInterruption({ waitpid(child, &status, 0) }) >= 0 else {
            self = .exited(status: ExitStatus.internal.rawValue)
            return
        }
        var code: Int32 = 0
        self = gatehouse_did_exit(status, &code) != 0 ? .exited(status: code) : .killed(signal: code)
    }
}

/// A signal in an operator's words, with its usual cause in a Swift program.
enum SignalName {
    private static let names: [Int32: String] = [
        SIGHUP: "SIGHUP", SIGINT: "SIGINT", SIGQUIT: "SIGQUIT", SIGILL: "SIGILL: a Swift runtime failure",
        SIGTRAP: "SIGTRAP: a Swift runtime failure", SIGABRT: "SIGABRT", SIGBUS: "SIGBUS: bad memory access",
        SIGFPE: "SIGFPE", SIGKILL: "SIGKILL: perhaps the kernel, out of memory", SIGSEGV: "SIGSEGV: bad memory access",
        SIGPIPE: "SIGPIPE", SIGALRM: "SIGALRM", SIGTERM: "SIGTERM", SIGSYS: "SIGSYS: a system call that is not allowed",
        SIGXCPU: "SIGXCPU: processor time limit", SIGXFSZ: "SIGXFSZ: file size limit",
    ]

    static func describe(_ number: Int32) -> String {
        names[number].map { "signal \(number), \($0)" } ?? "signal \(number)"
    }
}
