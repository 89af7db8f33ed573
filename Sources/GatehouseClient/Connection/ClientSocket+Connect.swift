import Glibc

extension ClientSocket {
    /// Connects to the endpoint.
    /// - Throws: a message that says what to look at: no such socket, nobody listening, not allowed.
    static func connected(
        to endpoint: ClientEndpoint, until deadline: ContinuousClock.Instant
    ) throws(GatewayClientError) -> ClientSocket {
        switch endpoint.address {
        case .unix(let path): try connectUnix(path, endpoint, deadline)
        case .tcp(let host, let port): try connectTCP(host, port, endpoint, deadline)
        }
    }

    private static func connectUnix(
        _ path: String, _ endpoint: ClientEndpoint, _ deadline: ContinuousClock.Instant
    ) throws(GatewayClientError) -> ClientSocket {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < capacity else {
            throw GatewayClientError(.usage, "\(endpoint): a socket's path may have \(capacity - 1) bytes at most")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let socket = try open(AF_UNIX, endpoint)
        let problem = withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                start(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try finish(socket, problem, endpoint, deadline)
        return socket
    }

    private static func connectTCP(
        _ host: String, _ port: UInt16, _ endpoint: ClientEndpoint, _ deadline: ContinuousClock.Instant
    ) throws(GatewayClientError) -> ClientSocket {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let outcome = getaddrinfo(host, String(port), &hints, &list)
        guard outcome == 0 else {
            throw GatewayClientError(.unreachable, "\(endpoint): \(String(cString: gai_strerror(outcome)))")
        }
        defer { freeaddrinfo(list) }
        var last = GatewayClientError(.unreachable, "\(endpoint): the name has no address")
        var next = list
        while let entry = next {
            next = entry.pointee.ai_next
            do throws(GatewayClientError) {
                let socket = try open(entry.pointee.ai_family, endpoint)
                let problem = start(socket, entry.pointee.ai_addr, entry.pointee.ai_addrlen)
                try finish(socket, problem, endpoint, deadline)
                return socket
            } catch {
                last = error
            }
        }
        throw last
    }

    private static func open(_ family: Int32, _ endpoint: ClientEndpoint) throws(GatewayClientError) -> ClientSocket {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(family, kind, 0)
        guard descriptor >= 0 else { throw failure(errno, endpoint) }
        return ClientSocket(taking: descriptor, name: endpoint.description)
    }

    /// - Returns: 0, or the error's number.
    private static func start(
        _ socket: borrowing ClientSocket, _ address: UnsafePointer<sockaddr>?, _ length: socklen_t
    ) -> Int32 {
        connect(socket.descriptor, address, length) == 0 ? 0 : errno
    }

    private static func finish(
        _ socket: borrowing ClientSocket, _ problem: Int32, _ endpoint: ClientEndpoint,
        _ deadline: ContinuousClock.Instant
    ) throws(GatewayClientError) {
        guard problem != 0 else { return }
        // A Unix socket whose backlog is full says EAGAIN and cannot be waited for.
        guard problem == EINPROGRESS else { throw failure(problem, endpoint) }
        try socket.wait(forWriting: true, until: deadline)
        var outcome: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(socket.descriptor, SOL_SOCKET, SO_ERROR, &outcome, &length) == 0, outcome == 0 else {
            throw failure(outcome == 0 ? errno : outcome, endpoint)
        }
    }

    private static func failure(_ number: Int32, _ endpoint: ClientEndpoint) -> GatewayClientError {
        switch number {
        case ENOENT, ENOTDIR:
            GatewayClientError(.unreachable, "\(endpoint): there is no such socket; is it being served?")
        case ECONNREFUSED: GatewayClientError(.unreachable, "\(endpoint): nobody is listening there")
        case EAGAIN:
            GatewayClientError(.unreachable, "\(endpoint): the backlog is full, the application does not accept")
        case EACCES, EPERM:
            GatewayClientError(
                .permission, "\(endpoint): this user may not connect; look at the socket's mode, owner and group")
        default: GatewayClientError(.system, "\(endpoint): cannot connect: \(String(cString: strerror(number)))")
        }
    }
}
