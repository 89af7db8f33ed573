import GatehousePlan
import GatehouseSystem
import Glibc

/// A blocking Unix stream socket that closes when it goes away.
final class UnixSocket {
    let descriptor: Int32

    private init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    static func connected(to endpoint: Endpoint) throws -> UnixSocket {
        guard case .unix(let path) = endpoint.address else {
            throw Descriptor.Failure(description: "not a Unix socket")
        }
        return try make(path, "connect") { Glibc.connect($0, $1, $2) }
    }

    static func listening(at path: String) throws -> UnixSocket {
        let socket = try make(path, "bind") { Glibc.bind($0, $1, $2) }
        guard listen(socket.descriptor, 4) == 0 else { throw Descriptor.Failure(description: "listen: errno \(errno)") }
        return socket
    }

    func accepted() throws -> UnixSocket {
        try Descriptor.wait(descriptor)
        let connection = accept(descriptor, nil, nil)
        guard connection >= 0 else { throw Descriptor.Failure(description: "accept: errno \(errno)") }
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        return UnixSocket(connection)
    }

    private static func make(
        _ path: String, _ name: String, _ call: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws -> UnixSocket {
        let socket = UnixSocket(Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0))
        guard socket.descriptor >= 0 else { throw Descriptor.Failure(description: "socket: errno \(errno)") }
        let outcome = try UnixAddress(path: path).withSocketAddress { call(socket.descriptor, $0, $1) }
        guard outcome == 0 else { throw Descriptor.Failure(description: "\(name) \(path): errno \(errno)") }
        return socket
    }
}
