internal import GatehouseConfiguration
internal import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// Makes a listening TCP socket: on this machine only, unless the operator said otherwise.
struct TCPListener {
    let host: String
    let port: UInt16
    let endpoint: Endpoint
    let allowsRemote: Bool

    func check() throws(OperatorError) {
        try withAddress { (_) throws(OperatorError) in }
    }

    /// Checks a socket that is open: the address that it is bound to counts, not the one that the name has today.
    func check(_ descriptor: Int32) throws(OperatorError) {
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let isLoopback = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &length) == 0 && Self.isLoopback($0)
            }
        }
        if !allowsRemote, !isLoopback { throw isOpenToOthers }
    }

    func open() throws(OperatorError) -> Int32 {
        try withAddress(listen)
    }

    private func listen(_ address: addrinfo) throws(OperatorError) -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.ai_family, type, address.ai_protocol)
        guard descriptor >= 0 else { throw failure("socket: \(SystemError.text())") }
        var yes: Int32 = 1
        // A restart must not wait for the old connections' TIME_WAIT.
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard bind(descriptor, address.ai_addr, address.ai_addrlen) == 0,
            Glibc.listen(descriptor, ListeningSocket.backlog) == 0
        else {
            let error = errno
            close(descriptor)
            throw failure(SystemError.text(error), error == EACCES ? .permission : .inputOutput)
        }
        return descriptor
    }

    /// Calls `body` with the host's first address, if it may be listened on.
    private func withAddress<Result>(
        _ body: (addrinfo) throws(OperatorError) -> Result
    ) throws(OperatorError) -> Result {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(host, String(port), &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        guard result == 0, let first = list?.pointee, let address = first.ai_addr else {
            throw failure("\(host): \(String(cString: gai_strerror(result)))", .configuration)
        }
        guard allowsRemote || Self.isLoopback(address) else { throw isOpenToOthers }
        return try body(first)
    }

    private var isOpenToOthers: OperatorError {
        failure(
            "other machines could reach it, and FastCGI, SCGI and uwsgi have no password: listen on 127.0.0.1 or on a "
                + "Unix socket, or say --allow-remote (in a configuration, socket: { allow-remote: true })",
            .configuration)
    }

    /// 127.0.0.0/8 (RFC 1122, 3.2.1.3) and ::1 (RFC 4291, 2.5.3).
    private static func isLoopback(_ address: UnsafePointer<sockaddr>) -> Bool {
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                UInt32(bigEndian: $0.pointee.sin_addr.s_addr) >> 24 == 127
            }
        case AF_INET6:
            address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { pointer in
                withUnsafeBytes(of: pointer.pointee.sin6_addr) { $0.dropLast().allSatisfy { $0 == 0 } && $0.last == 1 }
            }
        default: false
        }
    }

    private func failure(_ reason: String, _ status: ExitStatus = .inputOutput) -> OperatorError {
        OperatorError("cannot listen on \(endpoint): \(reason)", status)
    }
}
