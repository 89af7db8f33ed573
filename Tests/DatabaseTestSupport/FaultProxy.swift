import Dispatch
import GatehouseSystem
import Glibc
import Synchronization

/// A proxy between a client and a server that forwards every byte, and can be told to be a bad network: it cuts, stalls
/// or splits at a certain byte. It listens on a Unix socket and on a TCP port of the loopback.
///
///     let proxy = try FaultProxy(to: .unix(server.socket))
///     let database = … proxy.postgresURL(name) …
///     proxy.arm(.cut(after: 5, .toClient), times: 1)
public final class FaultProxy: Sendable {
    public enum Address: Sendable {
        case unix(String)
        /// A port on 127.0.0.1.
        case tcp(Int)
    }

    public enum Direction: Sendable {
        case toServer, toClient
    }

    /// Bytes are counted for each connection by itself: from its beginning, or from `arm` on if it was open then.
    public enum Fault: Sendable {
        /// Both ends are closed as soon as so many bytes have passed; 0 means before the next byte passes.
        /// - Parameter reset: whether TCP peers get a reset instead of an end.
        case cut(after: Int, Direction, reset: Bool = false)
        /// So many bytes pass, and then nothing until the proxy is armed with something else. Both ends stay open.
        case stall(after: Int, Direction)
        /// The receiver has read so many bytes before it can see the next one. (Only at a Unix socket: the kernel does
        /// not tell whether a TCP peer has read.)
        case split(after: Int, Direction)
        /// Every byte is a write of its own, after the receiver has read the one before it.
        case drip(Direction)
    }

    /// The Unix socket. Its name is the one that libpq gives to the port `unixPort` in `socketFolder`.
    public let socket: String
    public let socketFolder: String
    public static let unixPort = 5432
    /// The TCP port on 127.0.0.1.
    public let port: Int

    private let state: Mutex<ProxyState>
    private let wake: (reading: Int32, writing: Int32)

    /// - Parameter server: the address that connections are made to.
    public init(to server: Address) throws {
        var template = Array("/tmp/gh-proxy-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError("mkdtemp") }
        let folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        chmod(folder, 0o755)
        socketFolder = folder
        socket = "\(folder)/.s.PGSQL.\(Self.unixPort)"
        let unix = try ProxySocket.listen(.unix(socket))
        let tcp = try ProxySocket.listen(.tcp(0))
        port = try ProxySocket.port(of: tcp)
        chmod(socket, 0o777)
        var ends: [Int32] = [0, 0]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw SystemError("socketpair") }
        wake = (ends[0], ends[1])
        state = Mutex(ProxyState(server: server, listening: [unix, tcp]))
        // A thread of its own, which lasts as long as the proxy: tests may hold every thread of the concurrency pool.
        DispatchQueue(label: "gatehouse.test.proxy").async { [wake, weak self] in
            while let round = self?.round() { round.wait(wake: wake.reading) }
            close(wake.reading)
        }
    }

    deinit {
        state.withLock { $0.closeAll() }
        close(wake.writing)
        unlink(socket)
        rmdir(socketFolder)
    }

    /// The URL of a PostgreSQL database behind the proxy, by its Unix socket.
    public func postgresURL(_ database: String) -> String {
        "postgres://\(PostgresServer.user)@/\(database)?host=\(socketFolder)&port=\(Self.unixPort)"
    }

    /// The URL of a MariaDB database behind the proxy, by its Unix socket.
    public func mysqlURL(_ database: String) -> String {
        "mysql://\(MariaDBServer.user)@localhost/\(database)?socket=\(socket)"
    }

    /// From now on connections, old and new, suffer these faults instead of those before; none heals the proxy.
    /// - Parameter times: the number of cuts after which the proxy is healthy again.
    public func arm(_ faults: Fault..., times: Int = .max) { change { $0.arm(faults, times: times) } }

    /// Closes every connection at once. New ones are accepted.
    /// - Parameter reset: whether TCP peers get a reset instead of an end.
    public func cutAll(reset: Bool = false) { change { $0.cutAll(reset: reset) } }

    /// Closes new connections as soon as they are accepted, or no longer does.
    public func refuse(_ refuses: Bool) { change { $0.refuses = refuses } }

    /// Connections that were accepted so far, and cut by a fault so far.
    public var accepted: Int { state.withLock { $0.accepted } }
    public var cuts: Int { state.withLock { $0.cuts } }

    /// Bytes that have passed in a direction since the proxy was armed, of all connections.
    public func passed(_ direction: Direction) -> Int { state.withLock { $0.passed(direction) } }

    private func change(_ body: (inout ProxyState) -> Void) {
        state.withLock { body(&$0) }
        _ = write(wake.writing, [1], 1)
    }

    private func round() -> ProxyRound { state.withLock { $0.round() } }
}
