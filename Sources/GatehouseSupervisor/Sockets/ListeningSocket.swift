internal import CGatehouseSystem
public import GatehouseConfiguration
public import GatehousePlan
internal import Glibc

/// A socket that listens, for workers to inherit, and what has to be removed when it is given up.
public final class ListeningSocket {
    /// The socket file that we made, by name and by identity: only that very file is ever removed.
    struct OwnFile: Equatable {
        let path: String
        let device: UInt
        let inode: UInt

        func isThat(_ status: stat) -> Bool {
            status.st_mode & S_IFMT == S_IFSOCK && UInt(status.st_dev) == device && UInt(status.st_ino) == inode
        }
    }

    public let endpoint: Endpoint
    /// Closed on exec; a worker gets a copy of it under a number of its own.
    public let descriptor: Int32
    var file: OwnFile?

    init(endpoint: Endpoint, descriptor: Int32, file: OwnFile? = nil) {
        self.endpoint = endpoint
        self.descriptor = descriptor
        self.file = file
    }

    /// `nil` where the endpoint is of a kind that this version does not know.
    convenience init?(_ state: UpgradeState.Socket) {
        guard let endpoint = try? Endpoint(parsing: state.endpoint) else { return nil }
        var file: OwnFile?
        if let path = state.path, let device = state.device, let inode = state.inode {
            file = OwnFile(path: path, device: device, inode: inode)
        }
        self.init(endpoint: endpoint, descriptor: state.descriptor, file: file)
    }

    var upgradeState: UpgradeState.Socket {
        UpgradeState.Socket(
            endpoint: endpoint.description, descriptor: descriptor, path: file?.path, device: file?.device,
            inode: file?.inode)
    }

    deinit { close(descriptor) }

    /// The next connection, non-blocking and closed on exec; -1 with errno. Does not wait for one, although the socket's
    /// own flags, which a program may count on, are shared with everybody who has the socket.
    func accept() -> Int32 {
        let flags = fcntl(descriptor, F_GETFL)
        let blocks = flags >= 0 && flags & O_NONBLOCK == 0
        if blocks { _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) }
        let accepted = gatehouse_accept(descriptor)
        let error = errno
        if blocks { _ = fcntl(descriptor, F_SETFL, flags) }
        errno = error
        return accepted
    }

    /// As many connections as the kernel lets wait (net.core.somaxconn caps it): a burst waits here, not in the front
    /// server's error log.
    static let backlog: Int32 = 4_096

    /// Opens an endpoint. A relative socket path is one below the current directory.
    public static func open(_ endpoint: Endpoint, settings: SocketSettings) throws(SupervisorError) -> ListeningSocket {
        switch endpoint.address {
        case .unix(let path):
            let (descriptor, file) = try UnixListener(path: path, endpoint: endpoint, settings: settings).open()
            return ListeningSocket(endpoint: endpoint, descriptor: descriptor, file: file)
        case .tcp(let host, let port):
            let descriptor = try TCPListener(
                host: host, port: port, endpoint: endpoint, allowsRemote: settings.allowsRemote
            ).open()
            return ListeningSocket(endpoint: endpoint, descriptor: descriptor)
        case .standardInput:
            return ListeningSocket(endpoint: endpoint, descriptor: try InheritedListener.open(endpoint))
        case .systemd:
            throw SupervisorError("cannot listen on \(endpoint): systemd has passed no socket", .inputOutput)
        }
    }

    /// Has other settings apply to what is open. Sockets that somebody else has made are theirs.
    func apply(_ settings: SocketSettings) throws(SupervisorError) {
        switch endpoint.address {
        case .unix(let path):
            guard let file else { return }
            try UnixListener(path: path, endpoint: endpoint, settings: settings).changeAccess(to: file)
        case .tcp(let host, let port):
            try TCPListener(host: host, port: port, endpoint: endpoint, allowsRemote: settings.allowsRemote)
                .check(descriptor)
        case .standardInput, .systemd: break
        }
    }

    /// What would stand in the way of listening there, as far as can be said without doing it.
    public static func problem(_ endpoint: Endpoint, settings: SocketSettings) -> SupervisorError? {
        do throws(SupervisorError) {
            switch endpoint.address {
            case .unix(let path): try UnixListener(path: path, endpoint: endpoint, settings: settings).check()
            case .tcp(let host, let port):
                try TCPListener(host: host, port: port, endpoint: endpoint, allowsRemote: settings.allowsRemote).check()
            case .standardInput, .systemd: break
            }
            return nil
        } catch {
            return error
        }
    }

    // MARK: Whether its file leads here

    /// Where its file is, or was, and whose inode it has; `nil` for a socket that has none.
    private var place: (path: String, inode: UInt)? {
        if let file { return (file.path, file.inode) }
        switch endpoint.address {
        case .unix, .tcp: return nil
        case .standardInput, .systemd: break
        }
        var inode: UInt32 = 0
        var buffer = [CChar](repeating: 0, count: Endpoint.longestSocketPath + 2)
        guard gatehouse_socket_file(descriptor, &inode, &buffer, buffer.count) == 0 else { return nil }
        return (String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self), UInt(inode))
    }

    /// Whether the file that we made is gone or another's, so that nobody can connect any more.
    var isLost: Bool { file != nil && problem != nil }

    /// Why nobody can connect, and what to do about it; `nil` where they can.
    var problem: String? {
        guard let place, place.path.hasPrefix("/") else { return nil }
        var status = stat()
        let isThere = lstat(place.path, &status) == 0
        let isOurs =
            file.map { $0.isThat(status) }
            ?? (UInt32(truncatingIfNeeded: status.st_ino) == UInt32(truncatingIfNeeded: place.inode))
        if isThere, isOurs { return nil }
        let what = isThere ? "another file has taken the place of its socket file" : "its socket file is gone"
        let remedy =
            file == nil ? "restart what made it, such as systemd's socket unit" : "gatehouse reload makes it again"
        return "nobody can connect: \(what): \(remedy)"
    }

    /// Who may connect; `nil` for what has no file, or not any more.
    var reach: SocketReach? { place.flatMap { SocketReach(file: $0.path) } }

    /// Whose file it is said to be, where that is not the endpoint itself.
    var placeOfAnother: String? { file == nil ? place?.path : nil }

    // MARK: The end

    /// Has new connections refused, whoever else still has the socket. What somebody else has made may be shared with
    /// others, who go on: of that only our own copies are closed.
    func stopListening() {
        switch endpoint.address {
        case .unix, .tcp: shutdown(descriptor, Int32(SHUT_RDWR))
        case .standardInput:
            let nothing = Glibc.open("/dev/null", O_RDWR | O_CLOEXEC)
            guard nothing >= 0 else { return }
            dup2(nothing, STDIN_FILENO)
            close(nothing)
        case .systemd: break
        }
    }

    /// Removes the socket file, if it is still the one that we made. New connections are refused from here on; those
    /// that wait in the backlog are still accepted.
    public func removeFile() {
        guard let file else { return }
        self.file = nil
        var status = stat()
        guard lstat(file.path, &status) == 0, file.isThat(status) else { return }
        unlink(file.path)
    }
}
