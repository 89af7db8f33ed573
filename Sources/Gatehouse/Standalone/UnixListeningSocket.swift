import Glibc

/// A listening Unix socket that a module's own program makes for itself.
///
/// `gatehouse serve` does this with more care for who owns what; here the developer's own user is all there is.
package struct UnixListeningSocket {
    package let descriptor: Int32
    private let path: String

    package struct Failure: Error, CustomStringConvertible {
        package var description: String
    }

    /// - Throws: where something is in the way: a file that is no socket, or a program that listens there.
    package init(path: String) throws {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < capacity else {
            throw Failure(description: "\(path) is longer than the \(capacity - 1) bytes that a socket's path may have")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Self.failure("socket", path) }
        do {
            try Self.removeStaleFile(path, address)
            // The file gets the socket's mode, less the umask, which is the whole process's and not ours to change; so
            // it is never wider than it shall be, and what the umask took is given back.
            guard fchmod(descriptor, 0o660) == 0 else { throw Self.failure("cannot listen on", path) }
            let bound = Self.with(address) { bind(descriptor, $0, $1) }
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

    /// A socket's file that nobody listens on any more goes away; anything else stays.
    private static func removeStaleFile(_ path: String, _ address: sockaddr_un) throws {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw Failure(description: "\(path) exists and is no socket; choose another path or remove it")
        }
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else { throw failure("socket", path) }
        defer { Glibc.close(probe) }
        if with(address, { connect(probe, $0, $1) }) == 0 {
            throw Failure(description: "\(path): another program listens there")
        }
        guard errno == ECONNREFUSED else { throw failure("cannot look at", path) }
        unlink(path)
    }

    private static func with(
        _ address: sockaddr_un, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    private static func failure(_ what: String, _ path: String) -> Failure {
        Failure(description: "\(what) \(path): \(String(cString: strerror(errno)))")
    }
}
