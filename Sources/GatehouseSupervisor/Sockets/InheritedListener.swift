internal import CGatehouseSystem
internal import GatehouseConfiguration
internal import GatehousePlan
internal import Glibc

/// The listening socket that lighttpd, mod_fcgid and spawn-fcgi pass as descriptor 0 (FastCGI 1.0, section 2.2,
/// FCGI_LISTENSOCK_FILENO). It is its maker's: it is never removed, and never shut down.
public enum InheritedListener {
    /// Whether standard input is a listening stream socket.
    public static var standardInputListens: Bool { problem(STDIN_FILENO) == nil }

    static func open(_ endpoint: Endpoint) throws(SupervisorError) -> Int32 {
        if let problem = problem(STDIN_FILENO) {
            throw SupervisorError(
                "cannot listen on \(endpoint): standard input \(problem); what starts Gatehouse must pass its "
                    + "listening socket there", .inputOutput)
        }
        let copy = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw SupervisorError("cannot listen on \(endpoint): \(systemError())", .inputOutput) }
        return copy
    }

    /// Why a descriptor cannot be listened on; `nil` where it can.
    static func problem(_ descriptor: Int32) -> String? {
        func option(_ name: Int32) -> Int32? {
            var value: Int32 = 0
            var length = socklen_t(MemoryLayout<Int32>.size)
            return getsockopt(descriptor, SOL_SOCKET, name, &value, &length) == 0 ? value : nil
        }
        guard let type = option(SO_TYPE) else { return "is no socket" }
        guard type == Int32(SOCK_STREAM.rawValue), let domain = option(SO_DOMAIN),
            [AF_UNIX, AF_INET, AF_INET6].contains(domain)
        else { return "is no stream socket" }
        return option(SO_ACCEPTCONN) == 1 ? nil : "is a socket that does not listen"
    }
}
