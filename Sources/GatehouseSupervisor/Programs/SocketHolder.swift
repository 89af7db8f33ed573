internal import Glibc

/// The processes that hold a socket, as far as /proc says (proc(5), fd).
enum SocketHolder {
    /// Whether there is a /proc that says it.
    static var canBeFound: Bool { access("/proc/self/fd", R_OK | X_OK) == 0 }

    /// Whether a process of one of these process groups has the socket with this inode.
    static func isHeld(_ inode: UInt32, byGroups groups: Set<pid_t>) -> Bool {
        names(in: "/proc").contains { name in
            guard let pid = pid_t(name), groups.contains(getpgid(pid)) else { return false }
            let folder = "/proc/\(pid)/fd"
            return names(in: folder).contains { link("\(folder)/\($0)") == "socket:[\(inode)]" }
        }
    }

    private static func names(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            names.append(
                withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
        }
        return names
    }

    private static func link(_ path: String) -> String {
        var bytes = [CChar](repeating: 0, count: 64)
        let count = readlink(path, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
