import GatehousePlan
import GatehouseServer
import GatehouseSystem
import GatehouseWire
import Glibc
import Logging
import ServiceLifecycle

/// A module's own program behind a front server on the developer's machine.
struct DevelopmentGatewayServer: Service {
    let gatewayProtocol: GatewayProtocol
    /// The path of the Unix socket.
    let path: String
    let handler: any MountedHandler
    let logger: Logger

    func run() async throws {
        let socket = try DevelopmentSocket(path: path)
        defer { socket.removeFile() }
        let server = try GatewayServer(limits: Limits(), mounts: MountTable([("/", handler)]), logger: logger)
        try await server.start([
            Listener(descriptor: socket.descriptor, gatewayProtocol: gatewayProtocol, endpoint: path)
        ])
        logger.info("listening on \(path)")
        try? await gracefulShutdown()
        await server.drain()
    }
}

/// A listening Unix socket that a developer's program or test makes for itself.
///
/// The supervisor's sockets have owners and modes to take care of; here the developer's own user is all there is.
package struct DevelopmentSocket {
    package let descriptor: Int32
    private let path: String

    package struct Failure: Error, CustomStringConvertible {
        package var description: String
    }

    /// - Throws: if the path is taken by a file that is no socket, or by a program that listens there.
    package init(path: String) throws {
        let address: UnixAddress
        do {
            address = try UnixAddress(path: path)
        } catch {
            throw Failure(description: "\(path): \(error)")
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Self.failure("cannot listen on", path) }
        do {
            try Self.removeStaleFile(address)
            // The file gets the socket's mode minus the umask, so it is never open to more users than intended. The
            // umask belongs to the whole process and is not ours to change, so chmod then restores the bits that it
            // took.
            guard fchmod(descriptor, 0o660) == 0 else { throw Self.failure("cannot listen on", path) }
            let bound = address.withSocketAddress { bind(descriptor, $0, $1) }
            guard bound == 0, chmod(path, 0o660) == 0 else { throw Self.failure("cannot listen on", path) }
            guard listen(descriptor, SOMAXCONN) == 0 else { throw Self.failure("cannot listen on", path) }
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        self.path = path
    }

    package func removeFile() {
        unlink(path)
    }

    /// Removes the file of a socket that nobody listens on any more, and nothing else.
    private static func removeStaleFile(_ address: UnixAddress) throws {
        let path = address.path
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw Failure(description: "\(path) exists and is not a socket; choose another path or remove it")
        }
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else { throw failure("cannot look at", path) }
        defer { Glibc.close(probe) }
        if address.withSocketAddress({ connect(probe, $0, $1) }) == 0 {
            throw Failure(description: "\(path): another program listens there")
        }
        guard errno == ECONNREFUSED else { throw failure("cannot look at", path) }
        unlink(path)
    }

    /// - Parameter action: the words before the path; the reason is that of the last failed call.
    private static func failure(_ action: String, _ path: String) -> Failure {
        Failure(description: "\(action) \(path): \(SystemError.text())")
    }
}
