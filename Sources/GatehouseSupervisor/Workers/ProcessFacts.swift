internal import Glibc

/// A process's figures, from the kernel.
enum ProcessFacts {
    /// Resident bytes at this moment (proc(5), statm); 0 if the process is gone.
    static func residentBytes(_ pid: pid_t) -> Int {
        let fields = read("/proc/\(pid)/statm").split(separator: " ")
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * sysconf(Int32(_SC_PAGESIZE)) : 0
    }

    /// Milliseconds of processor time, user and system (proc(5), stat, fields 14 and 15).
    static func processorTime(_ pid: pid_t) -> Int {
        let text = read("/proc/\(pid)/stat")
        // The second field is a name in parentheses, which may hold anything.
        guard let end = text.lastIndex(of: ")") else { return 0 }
        let fields = text[end...].split(separator: " ")
        guard fields.count > 13, let user = Int(fields[12]), let system = Int(fields[13]) else { return 0 }
        return (user + system) * 1_000 / max(1, sysconf(Int32(_SC_CLK_TCK)))
    }

    private static func read(_ path: String) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = max(0, Glibc.read(file, &bytes, bytes.count))
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
