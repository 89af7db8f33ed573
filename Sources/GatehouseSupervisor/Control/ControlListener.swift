internal import CGatehouseSystem
import GatehouseConfiguration
import GatehouseControl
internal import GatehousePlan
internal import Glibc

/// The socket on which operators' commands find the supervisor. Its file is its owner's alone, and the user of each
/// connection is checked besides.
final class ControlListener {
    let path: String
    private let socket: ListeningSocket
    private static let mostClients = 64

    init(path: String) throws(OperatorError) {
        self.path = path
        var settings = SocketSettings()
        settings.mode = 0o600
        do throws(OperatorError) {
            socket = try ListeningSocket.open(Endpoint(.http, .unix(path: path)), settings: settings)
        } catch {
            throw OperatorError(
                "the control socket: " + error.message.replacing("cannot listen on http:", with: "cannot listen on ")
                    + "; another path is set by \"control\", and \"control: off\" does without", error.exitStatus)
        }
        _ = fcntl(socket.descriptor, F_SETFL, fcntl(socket.descriptor, F_GETFL) | O_NONBLOCK)
    }

    deinit { socket.removeFile() }

    var descriptor: Int32 { socket.descriptor }

    /// Whether commands can no longer find the socket: its file is gone, or belongs to another socket.
    var isLost: Bool { socket.isLost }

    /// The next client; `nil` if there is none, or it was turned away.
    /// - Parameter failed: gets the error if none could be accepted.
    func accept(clients: Int, failed: (Int32) -> Void) -> ControlClient? {
        let descriptor = gatehouse_accept(socket.descriptor)
        guard descriptor >= 0 else {
            failed(errno)
            return nil
        }
        let client = ControlClient(descriptor: descriptor)
        var process: pid_t = 0
        var user: uid_t = 0
        var group: gid_t = 0
        let isKnown = gatehouse_peer_credentials(descriptor, &process, &user, &group) == 0
        guard isKnown, user == 0 || user == geteuid() else {
            client.send(
                .failed(
                    message: "only root and the supervisor's own user may give it orders",
                    exitStatus: ExitStatus.permission.rawValue))
            return nil
        }
        guard clients < Self.mostClients else {
            client.send(.failed(message: "too many commands at once", exitStatus: ExitStatus.inputOutput.rawValue))
            return nil
        }
        return client
    }
}
