internal import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// A listening socket that another process opened and passed to this one: systemd by number, lighttpd, mod_fcgid and
/// spawn-fcgi as descriptor 0 (FastCGI 1.0, section 2.2, FCGI_LISTENSOCK_FILENO). It still belongs to that process: it
/// is never shut down, and its file is never removed.
public struct InheritedSocket: Equatable, Sendable {
    /// FileDescriptorName= of its socket unit; several may share one. "unknown" if systemd gave no names.
    public let name: String
    /// The socket, closed on exec.
    public let descriptor: Int32

    /// A socket that systemd passed.
    public init(name: String, descriptor: Int32) {
        self.name = name
        self.descriptor = descriptor
    }

    // MARK: Descriptor 0

    /// Whether standard input is a listening stream socket.
    public static var standardInputListens: Bool { problem(STDIN_FILENO) == nil }

    /// A copy of standard input, to listen on.
    static func standardInput() throws(OperatorError) -> Int32 {
        if let problem = problem(STDIN_FILENO) {
            throw OperatorError(
                "standard input \(problem); the program that starts Gatehouse must pass its listening socket there",
                .inputOutput)
        }
        let copy = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw OperatorError(SystemError.text(), .inputOutput) }
        return copy
    }

    /// The reason why a descriptor cannot be listened on; `nil` if it can.
    static func problem(_ descriptor: Int32) -> String? {
        func option(_ name: Int32) -> Int32? {
            var value: Int32 = 0
            var length = socklen_t(MemoryLayout<Int32>.size)
            return getsockopt(descriptor, SOL_SOCKET, name, &value, &length) == 0 ? value : nil
        }
        guard let type = option(SO_TYPE) else { return "is not a socket" }
        guard type == Int32(SOCK_STREAM.rawValue), let domain = option(SO_DOMAIN),
            [AF_UNIX, AF_INET, AF_INET6].contains(domain)
        else { return "is not a stream socket" }
        return option(SO_ACCEPTCONN) == 1 ? nil : "is a socket that does not listen"
    }
}
