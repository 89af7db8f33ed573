import GatehousePlan
import GatehouseSystem
import Glibc

/// A connected stream socket that is closed when it goes away. Every wait ends at a deadline.
struct ClientSocket: ~Copyable {
    let descriptor: Int32
    private let name: String

    /// - Parameter name: the endpoint, for messages.
    init(taking descriptor: Int32, name: String) {
        self.descriptor = descriptor
        self.name = name
    }

    deinit {
        close(descriptor)
    }

    /// Sends as much as the socket takes now, perhaps nothing.
    /// - Returns: the count of bytes sent; `nil` if the peer reads no more.
    func send(_ bytes: ArraySlice<UInt8>) throws(GatewayClientError) -> Int? {
        let count = bytes.withUnsafeBytes {
            Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        }
        if count >= 0 { return count }
        switch errno {
        case EAGAIN, EINTR: return 0
        case EPIPE, ECONNRESET: return nil
        default: throw failure("cannot send")
        }
    }

    /// - Returns: the bytes that are there; empty at the connection's end; `nil` if there are none yet.
    func receive() throws(GatewayClientError) -> [UInt8]? {
        var count = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, used in
            count = recv(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
            used = max(count, 0)
        }
        if count >= 0 { return bytes }
        switch errno {
        case EAGAIN, EINTR: return nil
        case ECONNRESET:
            throw GatewayClientError(
                .closed,
                "\(name): the connection was reset before the response was whole; it may speak another protocol than "
                    + "this: that server's log says why")
        default: throw failure("cannot receive")
        }
    }

    /// Waits until the socket can be read or, with `forWriting`, written.
    func wait(forWriting: Bool, until deadline: ContinuousClock.Instant) throws(GatewayClientError) {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN | (forWriting ? POLLOUT : 0)), revents: 0)
        while true {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else {
                throw GatewayClientError(.timeout, "\(name): no whole response in the time given")
            }
            // Rounded up, so that the last millisecond is not spent spinning.
            let milliseconds = left.components.seconds * 1_000 + left.components.attoseconds / 1_000_000_000_000_000 + 1
            let ready = poll(&entry, 1, Int32(clamping: milliseconds))
            if ready > 0 { return }
            guard ready == 0 || errno == EINTR else { throw failure("cannot wait") }
        }
    }

    private func failure(_ action: String) -> GatewayClientError {
        GatewayClientError(.system, "\(name): \(action): \(SystemError.text())")
    }
}

// MARK: Connecting

extension ClientSocket {
    /// Connects to the endpoint.
    /// - Throws: a message that says what to look at: no such socket, nobody listening, not allowed.
    static func connected(
        to endpoint: Endpoint, until deadline: ContinuousClock.Instant
    ) throws(GatewayClientError) -> ClientSocket {
        switch endpoint.address {
        case .unix(let path): try connectUnix(path, endpoint, deadline)
        case .tcp(let host, let port): try connectTCP(host, port, endpoint, deadline)
        case .standardInput, .systemd: throw GatewayClientError(.usage, "\(endpoint) cannot be connected to")
        }
    }

    private static func connectUnix(
        _ path: String, _ endpoint: Endpoint, _ deadline: ContinuousClock.Instant
    ) throws(GatewayClientError) -> ClientSocket {
        let address: UnixAddress
        do {
            address = try UnixAddress(path: path)
        } catch {
            throw GatewayClientError(.usage, "\(endpoint): \(error)")
        }
        let socket = try open(AF_UNIX, endpoint)
        let problem = address.withSocketAddress { start(socket, $0, $1) }
        try finish(socket, problem, endpoint, deadline)
        return socket
    }

    private static func connectTCP(
        _ host: String, _ port: UInt16, _ endpoint: Endpoint, _ deadline: ContinuousClock.Instant
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

    private static func open(_ family: Int32, _ endpoint: Endpoint) throws(GatewayClientError) -> ClientSocket {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(family, kind, 0)
        guard descriptor >= 0 else { throw failure(errno, endpoint) }
        return ClientSocket(taking: descriptor, name: endpoint.description)
    }

    /// Begins to connect.
    /// - Returns: 0, or the error's number.
    private static func start(
        _ socket: borrowing ClientSocket, _ address: UnsafePointer<sockaddr>?, _ length: socklen_t
    ) -> Int32 {
        connect(socket.descriptor, address, length) == 0 ? 0 : errno
    }

    /// Waits for a connection that is being made.
    private static func finish(
        _ socket: borrowing ClientSocket, _ problem: Int32, _ endpoint: Endpoint,
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

    private static func failure(_ number: Int32, _ endpoint: Endpoint) -> GatewayClientError {
        switch number {
        case ENOENT, ENOTDIR:
            GatewayClientError(.unreachable, "\(endpoint): there is no such socket; is it being served?")
        case ECONNREFUSED: GatewayClientError(.unreachable, "\(endpoint): nobody is listening there")
        case EAGAIN:
            GatewayClientError(.unreachable, "\(endpoint): the backlog is full, the application does not accept")
        case EACCES, EPERM:
            GatewayClientError(
                .permission, "\(endpoint): this user may not connect; look at the socket's mode, owner and group")
        default: GatewayClientError(.system, "\(endpoint): cannot connect: \(SystemError.text(number))")
        }
    }
}
