import GatehouseClient
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

    static func connected(to endpoint: ClientEndpoint) throws -> UnixSocket {
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
        _ path: String, _ what: String, _ call: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws -> UnixSocket {
        let socket = UnixSocket(Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard socket.descriptor >= 0, path.utf8.count < capacity else {
            throw Descriptor.Failure(description: "no socket for \(path)")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let outcome = withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                call(socket.descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard outcome == 0 else { throw Descriptor.Failure(description: "\(what) \(path): errno \(errno)") }
        return socket
    }
}
