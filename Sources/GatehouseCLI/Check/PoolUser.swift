internal import GatehouseConfiguration
internal import Glibc

/// The user whom a pool's processes will be: looks at files with that user's rights, access control lists included.
///
/// Where the pool has no user of its own, or the one who asks is not root, that is the one who asks.
struct PoolUser {
    private let settings: ProcessSettings

    init(_ settings: ProcessSettings) {
        self.settings = settings
    }

    /// For messages.
    var name: String {
        if let user = settings.user, [0, user.user].contains(geteuid()) { return "user \(user.name)" }
        return "user \(geteuid()), as whom this check runs,"
    }

    /// Does something as that user.
    ///
    /// The identity is the whole process's: only for a command that has one thread.
    func act<Result>(_ body: () -> Result) -> Result {
        guard geteuid() == 0, let group = settings.group ?? settings.user?.group else { return body() }
        var before = [gid_t](repeating: 0, count: Int(max(getgroups(0, nil), 0)))
        let count = getgroups(Int32(before.count), &before)
        let groupBefore = getegid()
        defer {
            // The way back is always open: the real and the saved user are still root.
            _ = seteuid(0)
            _ = setegid(groupBefore)
            _ = setgroups(Int(max(count, 0)), before)
        }
        let groups = settings.user?.groups ?? [group]
        guard count >= 0, setgroups(groups.count, groups) == 0, setegid(group) == 0 else { return body() }
        if let user = settings.user { _ = seteuid(user.user) }
        return body()
    }

    /// Whether the process's effective user may do `mode` (access(2), which asks for the real one) with a file.
    static func may(_ mode: Int32, _ path: String) -> Bool {
        faccessat(AT_FDCWD, path, mode, AT_EACCESS) == 0
    }

    /// The first folder on the way to a file that cannot be entered, as a message; call it within `act`.
    func obstacle(to path: String) -> String? {
        for index in path.indices where path[index] == "/" && index != path.startIndex {
            let folder = String(path[..<index])
            if !Self.may(X_OK, folder), errno == EACCES {
                return "\(name) may not enter the folder \(folder): \(String(cString: strerror(EACCES)))"
            }
        }
        return nil
    }
}
