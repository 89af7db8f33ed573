internal import CGatehouseSystem
internal import GatehouseConfiguration
internal import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// Makes a listening Unix socket. At no moment of its making can a user connect who may not do so in the end.
struct UnixListener {
    let path: String
    let endpoint: Endpoint
    let settings: SocketSettings

    /// Checks that the path fits, and that its folder exists.
    func check() throws(OperatorError) {
        let folder = Paths.folder(of: try absolute(path))
        var status = stat()
        guard stat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw failure("\(folder) is not a directory: make it first")
        }
    }

    func open() throws(OperatorError) -> (descriptor: Int32, file: ListeningSocket.OwnFile) {
        let absolutePath = try absolute(path)
        try removeStaleFile(absolutePath)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw failure("socket: \(SystemError.text())") }
        do throws(OperatorError) {
            try bindPrivately(descriptor, to: absolutePath)
            let file = try grantAccess(absolutePath)
            // Until here every connect() was refused, whatever mode the file had meanwhile.
            guard listen(descriptor, ListeningSocket.backlog) == 0 else {
                let reason = SystemError.text()
                unlink(absolutePath)
                throw failure("listen: \(reason)")
            }
            return (descriptor, file)
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// Creates the file with permissions for its owner alone, by setting the socket's own mode, which Linux gives to
    /// the file. A later chmod would come too late, and the umask applies to the files of all threads.
    private func bindPrivately(_ descriptor: Int32, to path: String) throws(OperatorError) {
        guard fchmod(descriptor, 0o600) == 0 else {
            throw failure("cannot set its mode: \(SystemError.text())", .permission)
        }
        let result = try address(path).withSocketAddress { bind(descriptor, $0, $1) }
        let error = errno
        guard result == 0 else {
            throw failure(
                "\(SystemError.text(error))\(hint(error, path))", error == EACCES ? .permission : .inputOutput)
        }
    }

    /// Sets owner, group and mode on the very file that was bound, held by a descriptor, so that no other process can
    /// put another in its place between the calls.
    private func grantAccess(_ path: String) throws(OperatorError) -> ListeningSocket.OwnFile {
        let entry = gatehouse_open_entry(path)
        guard entry >= 0 else { throw failure("the socket that was just made cannot be opened: \(SystemError.text())") }
        defer { close(entry) }
        var status = stat()
        guard fstat(entry, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK, status.st_uid == geteuid() else {
            throw failure("the socket was replaced while it was made: others can write to its directory", .permission)
        }
        do throws(OperatorError) {
            try change(entry, status, defaultGroup: status.st_gid)
        } catch {
            unlink(path)
            throw error
        }
        return ListeningSocket.OwnFile(path: path, device: UInt(status.st_dev), inode: UInt(status.st_ino))
    }

    /// Changes owner, group and mode of a socket that is there already. If its file is gone, or is another one by now,
    /// no client reaches the socket by its path, and there is nothing to be done.
    func changeAccess(to file: ListeningSocket.OwnFile) throws(OperatorError) {
        let entry = gatehouse_open_entry(file.path)
        guard entry >= 0 else { return }
        defer { close(entry) }
        var status = stat()
        guard fstat(entry, &status) == 0, file.isThat(status) else { return }
        try change(entry, status, defaultGroup: Self.groupOfNewFiles(in: Paths.folder(of: file.path)))
    }

    /// The group of new files: a folder with the setgid bit gives them its own (open(2)).
    static func groupOfNewFiles(in folder: String) -> gid_t {
        var status = stat()
        return stat(folder, &status) == 0 && status.st_mode & S_ISGID != 0 ? status.st_gid : getegid()
    }

    private func change(_ entry: Int32, _ status: stat, defaultGroup: gid_t) throws(OperatorError) {
        let magicLink = "/proc/self/fd/\(entry)"
        var now = SocketAccess(owner: status.st_uid, group: status.st_gid, mode: status.st_mode & 0o777)
        let wanted = SocketAccess(
            owner: settings.owner ?? geteuid(), group: settings.group ?? defaultGroup, mode: settings.mode)
        for step in now.steps(to: wanted) {
            if step.mode != now.mode {
                guard chmod(magicLink, mode_t(step.mode)) == 0 else {
                    throw failure("cannot set its mode: \(SystemError.text())", .permission)
                }
            } else {
                guard chown(magicLink, step.owner, step.group) == 0 else {
                    throw failure(
                        "cannot give it to user \(step.owner), group \(step.group): \(SystemError.text()); start as "
                            + "root, or as a user who belongs to that group", .permission)
                }
            }
            now = step
        }
    }

    /// Removes a socket file that a killed process left behind. Anything else in the way is an error: a file that is no
    /// socket, a socket on which a process listens, and a socket for which that cannot be found out.
    private func removeStaleFile(_ path: String) throws(OperatorError) {
        var before = stat()
        guard lstat(path, &before) == 0 else { return }
        guard before.st_mode & S_IFMT == S_IFSOCK else {
            throw failure("\(path) exists and is not a socket: remove it or choose another path")
        }
        let probe = socket(
            AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard probe >= 0 else { throw failure("socket: \(SystemError.text())") }
        defer { close(probe) }
        let result = try address(path).withSocketAddress { connect(probe, $0, $1) }
        let error = errno
        if result == 0 || error == EAGAIN || error == EINPROGRESS {
            throw failure("another process listens on \(path): stop it or choose another path")
        }
        guard error == ECONNREFUSED else {
            throw failure(
                "\(path) exists, and it cannot be found out whether it is in use: \(SystemError.text(error))",
                .permission)
        }
        var after = stat()
        guard lstat(path, &after) == 0, after.st_dev == before.st_dev, after.st_ino == before.st_ino else {
            throw failure("another process is making \(path) at this moment")
        }
        guard unlink(path) == 0 else {
            throw failure("the stale socket \(path) cannot be removed: \(SystemError.text())", .permission)
        }
    }

    /// The absolute path, if a socket can have it.
    private func absolute(_ path: String) throws(OperatorError) -> String {
        guard !path.isEmpty else { throw failure("this is not a path", .configuration) }
        return try address(Paths.absolute(path)).path
    }

    private func address(_ path: String) throws(OperatorError) -> UnixAddress {
        do throws(UnixAddress.Unusable) { return try UnixAddress(path: path) } catch {
            switch error {
            case .tooLong(let bytes):
                throw failure(
                    "\(path) has \(bytes) bytes, a socket's path can have \(UnixAddress.longestPath)", .configuration)
            case .empty, .containsNUL: throw failure("this is not a path", .configuration)
            }
        }
    }

    private func hint(_ error: Int32, _ path: String) -> String {
        switch error {
        case ENOENT: ": make the directory \(Paths.folder(of: path)) first"
        case EACCES: ": the running user may not write to \(Paths.folder(of: path))"
        default: ""
        }
    }

    private func failure(_ reason: String, _ status: ExitStatus = .inputOutput) -> OperatorError {
        OperatorError("cannot listen on \(endpoint): \(reason)", status)
    }
}

/// Owner, group and mode of a socket file: they say which users may connect.
struct SocketAccess: Equatable {
    var owner: UInt32
    var group: UInt32
    var mode: UInt32

    /// The steps from this to another, one system call each. While the owners change, the file has only the permissions
    /// of both modes: at no step may a user connect who may neither before nor afterwards.
    func steps(to new: SocketAccess) -> [SocketAccess] {
        let both = mode & new.mode
        let hasNewOwners = (owner, group) != (new.owner, new.group)
        let path =
            hasNewOwners
            ? [
                SocketAccess(owner: owner, group: group, mode: both),
                SocketAccess(owner: new.owner, group: new.group, mode: both), new,
            ] : [new]
        return zip([self] + path, path).filter { $0 != $1 }.map(\.1)
    }
}
