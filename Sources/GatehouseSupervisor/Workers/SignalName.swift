internal import Glibc

/// A signal as an operator knows it, with what it means where it comes from a Swift program's own fault.
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
