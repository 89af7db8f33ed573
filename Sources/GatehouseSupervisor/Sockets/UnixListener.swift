internal import CGatehouseSystem
internal import GatehouseConfiguration
internal import GatehousePlan
internal import Glibc

/// Makes a listening Unix socket, so that at no moment anyone can connect who may not in the end.
struct UnixListener {
    let path: String
    let endpoint: Endpoint
    let settings: SocketSettings

    /// That the path fits, and that its folder exists.
    func check() throws(SupervisorError) {
        let folder = Self.folder(of: try absolute(path))
        var status = stat()
        guard stat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw failure("\(folder) is no directory: make it first")
        }
    }

    func open() throws(SupervisorError) -> (descriptor: Int32, file: ListeningSocket.OwnFile) {
        let absolutePath = try absolute(path)
        try removeStaleFile(absolutePath)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw failure("socket: \(systemError())") }
        do throws(SupervisorError) {
            try bindPrivately(descriptor, to: absolutePath)
            let file = try grantAccess(absolutePath)
            // Until here every connect() was refused, whatever the file's mode said meanwhile.
            guard listen(descriptor, ListeningSocket.backlog) == 0 else {
                let reason = systemError()
                unlink(absolutePath)
                throw failure("listen: \(reason)")
            }
            return (descriptor, file)
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// The file is created with no more permissions than its owner's, not by a later chmod: Linux gives it the socket's
    /// own mode. The umask, which would do it too, is the whole process's, files that other threads make meanwhile
    /// included.
    private func bindPrivately(_ descriptor: Int32, to path: String) throws(SupervisorError) {
        guard fchmod(descriptor, 0o600) == 0 else {
            throw failure("cannot set its mode: \(systemError())", .permission)
        }
        let result = Self.withAddress(path) { bind(descriptor, $0, $1) }
        let error = errno
        guard result == 0 else {
            throw failure("\(systemError(error))\(hint(error, path))", error == EACCES ? .permission : .inputOutput)
        }
    }

    /// Sets owner, group and mode on the very file that was bound, held by a descriptor, so that nobody can put another
    /// in its place between the calls.
    private func grantAccess(_ path: String) throws(SupervisorError) -> ListeningSocket.OwnFile {
        let entry = gatehouse_open_entry(path)
        guard entry >= 0 else { throw failure("the socket that was just made cannot be opened: \(systemError())") }
        defer { close(entry) }
        var status = stat()
        guard fstat(entry, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK, status.st_uid == geteuid() else {
            throw failure("the socket was replaced while it was made: others can write to its directory", .permission)
        }
        do throws(SupervisorError) {
            try change(entry, status, groupUnlessTold: status.st_gid)
        } catch {
            unlink(path)
            throw error
        }
        return ListeningSocket.OwnFile(path: path, device: UInt(status.st_dev), inode: UInt(status.st_ino))
    }

    /// The same for a socket that is there already. Where its file is gone, or is not that one any more, nobody reaches
    /// it by its path, and there is nothing to be done.
    func changeAccess(to file: ListeningSocket.OwnFile) throws(SupervisorError) {
        let entry = gatehouse_open_entry(file.path)
        guard entry >= 0 else { return }
        defer { close(entry) }
        var status = stat()
        guard fstat(entry, &status) == 0, file.isThat(status) else { return }
        try change(entry, status, groupUnlessTold: Self.groupOfNewFiles(in: Self.folder(of: file.path)))
    }

    /// A folder with the setgid bit gives its group to what is made in it (open(2)).
    static func groupOfNewFiles(in folder: String) -> gid_t {
        var status = stat()
        return stat(folder, &status) == 0 && status.st_mode & S_ISGID != 0 ? status.st_gid : getegid()
    }

    private func change(_ entry: Int32, _ status: stat, groupUnlessTold: gid_t) throws(SupervisorError) {
        let magicLink = "/proc/self/fd/\(entry)"
        var now = SocketAccess(owner: status.st_uid, group: status.st_gid, mode: status.st_mode & 0o777)
        let wanted = SocketAccess(
            owner: settings.owner ?? geteuid(), group: settings.group ?? groupUnlessTold, mode: settings.mode)
        for step in now.steps(to: wanted) {
            if step.mode != now.mode {
                guard chmod(magicLink, mode_t(step.mode)) == 0 else {
                    throw failure("cannot set its mode: \(systemError())", .permission)
                }
            } else {
                guard chown(magicLink, step.owner, step.group) == 0 else {
                    throw failure(
                        "cannot give it to user \(step.owner), group \(step.group): \(systemError()); start as root, "
                            + "or as a user who belongs to that group", .permission)
                }
            }
            now = step
        }
    }

    /// A socket file that a killed process left behind is removed; anything else that is in the way is an error: a file
    /// that is no socket, a socket on which somebody listens, and a socket of which we cannot find that out.
    private func removeStaleFile(_ path: String) throws(SupervisorError) {
        var before = stat()
        guard lstat(path, &before) == 0 else { return }
        guard before.st_mode & S_IFMT == S_IFSOCK else {
            throw failure("\(path) exists and is no socket: remove it or choose another path")
        }
        let probe = socket(
            AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard probe >= 0 else { throw failure("socket: \(systemError())") }
        defer { close(probe) }
        let result = Self.withAddress(path) { connect(probe, $0, $1) }
        let error = errno
        if result == 0 || error == EAGAIN || error == EINPROGRESS {
            throw failure("another process listens on \(path): stop it or choose another path")
        }
        guard error == ECONNREFUSED else {
            throw failure(
                "\(path) exists, and whether it is in use cannot be found out: \(systemError(error))", .permission)
        }
        var after = stat()
        guard lstat(path, &after) == 0, after.st_dev == before.st_dev, after.st_ino == before.st_ino else {
            throw failure("another process is making \(path) at this moment")
        }
        guard unlink(path) == 0 else {
            throw failure("the stale socket \(path) cannot be removed: \(systemError())", .permission)
        }
    }

    private func absolute(_ path: String) throws(SupervisorError) -> String {
        guard !path.utf8.contains(0), !path.isEmpty else { throw failure("this is no path", .configuration) }
        let whole = path.hasPrefix("/") ? path : CurrentDirectory.path + "/" + path
        guard whole.utf8.count <= Endpoint.longestSocketPath else {
            throw failure(
                "\(whole) has \(whole.utf8.count) bytes, a socket's path can have \(Endpoint.longestSocketPath)",
                .configuration)
        }
        return whole
    }

    private func hint(_ error: Int32, _ path: String) -> String {
        switch error {
        case ENOENT: ": make the directory \(Self.folder(of: path)) first"
        case EACCES: ": the running user may not write to \(Self.folder(of: path))"
        default: ""
        }
    }

    static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? path
    }

    private func failure(_ reason: String, _ status: ExitStatus = .inputOutput) -> SupervisorError {
        SupervisorError("cannot listen on \(endpoint): \(reason)", status)
    }

    /// Calls `body` with the socket address of a path that is known to fit.
    static func withAddress(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { field in
            field.copyBytes(from: path.utf8.prefix(field.count - 1))
        }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
