internal import CGatehouseSystem
public import GatehouseConfiguration
public import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// A socket that listens, for workers to inherit, and the file that is removed when it is given up.
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

    /// The endpoint that it listens on.
    public let endpoint: Endpoint
    /// Closed on exec; a worker gets a copy of it under a number of its own.
    public let descriptor: Int32
    var file: OwnFile?

    init(endpoint: Endpoint, descriptor: Int32, file: OwnFile? = nil) {
        self.endpoint = endpoint
        self.descriptor = descriptor
        self.file = file
    }

    /// A socket of the supervisor before this one; `nil` if its endpoint is of a kind that this version does not know.
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

    /// The next connection, non-blocking and closed on exec; -1 with errno. Does not wait for one, and leaves the
    /// socket's own flags as they were: they are shared with every process that has the socket, and a program may rely
    /// on them.
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

    /// The most connections that may wait; net.core.somaxconn caps it. A burst waits here instead of failing in the
    /// front server.
    static let backlog: Int32 = 4_096

    /// Opens an endpoint. A relative socket path is one below the current directory.
    public static func open(_ endpoint: Endpoint, settings: SocketSettings) throws(OperatorError) -> ListeningSocket {
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
            do throws(OperatorError) {
                return ListeningSocket(endpoint: endpoint, descriptor: try InheritedSocket.standardInput())
            } catch {
                throw OperatorError("cannot listen on \(endpoint): \(error.message)", error.exitStatus)
            }
        case .systemd:
            throw OperatorError("cannot listen on \(endpoint): systemd has passed no socket", .inputOutput)
        }
    }

    /// Applies other settings to the open socket. A socket that another process made keeps the settings of that
    /// process.
    func apply(_ settings: SocketSettings) throws(OperatorError) {
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

    /// The obstacle to listening on an endpoint, as far as it can be found without doing so; `nil` if there is none.
    public static func problem(_ endpoint: Endpoint, settings: SocketSettings) -> OperatorError? {
        do throws(OperatorError) {
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

    // MARK: The file

    /// Path and inode of its file, which may be gone; `nil` for a socket that has none.
    private var place: (path: String, inode: UInt)? {
        if let file { return (file.path, file.inode) }
        switch endpoint.address {
        case .unix, .tcp: return nil
        case .standardInput, .systemd: break
        }
        var inode: UInt32 = 0
        var buffer = [CChar](repeating: 0, count: UnixAddress.longestPath + 2)
        guard gatehouse_socket_file(descriptor, &inode, &buffer, buffer.count) == 0 else { return nil }
        return (String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self), UInt(inode))
    }

    /// Whether the file that we made is gone or another's, so that no client can connect any more.
    var isLost: Bool { file != nil && problem != nil }

    /// The reason why no client can connect, and the remedy; `nil` if clients can.
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
            file == nil
            ? "restart the service that made it, such as systemd's socket unit" : "gatehouse reload makes it again"
        return "nobody can connect: \(what): \(remedy)"
    }

    /// The users that may connect; `nil` if there is no file, or no longer one.
    var reach: SocketReach? { place.flatMap { SocketReach(file: $0.path) } }

    /// The path of the file if another process made it: then the endpoint does not show it.
    var placeOfAnother: String? { file == nil ? place?.path : nil }

    // MARK: The end

    /// Has new connections refused, whichever other processes still have the socket. A socket that another process made
    /// may be shared with further processes, which go on using it: only our own copies of such a socket are closed.
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
