internal import CGatehouseSystem
import GatehouseConfiguration
import GatehouseControl
internal import GatehousePlan
internal import Glibc

/// The socket on which operators' commands find the supervisor: its owner's alone, and whoever connects is asked who
/// they are besides.
final class ControlListener {
    let path: String
    private let socket: ListeningSocket
    private static let mostClients = 64

    init(path: String) throws(SupervisorError) {
        self.path = path
        var settings = SocketSettings()
        settings.mode = 0o600
        do throws(SupervisorError) {
            socket = try ListeningSocket.open(Endpoint(.http, .unix(path: path)), settings: settings)
        } catch {
            throw SupervisorError(
                "the control socket: " + error.message.replacing("cannot listen on http:", with: "cannot listen on ")
                    + "; another path is set by \"control\", and \"control: off\" does without", error.exitStatus)
        }
        _ = fcntl(socket.descriptor, F_SETFL, fcntl(socket.descriptor, F_GETFL) | O_NONBLOCK)
    }

    deinit { socket.removeFile() }

    var descriptor: Int32 { socket.descriptor }

    /// Whether no command finds it any more: its file is gone, or is another's.
    var isLost: Bool { socket.isLost }

    /// The next client, who may be turned away.
    /// - Parameter failed: gets the error where none could be accepted.
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
