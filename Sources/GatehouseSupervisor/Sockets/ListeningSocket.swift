public import GatehouseConfiguration
internal import GatehousePlan
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
