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

    /// Sends what the socket takes now. Nothing where it takes nothing.
    /// - Returns: the bytes sent; `nil` where the peer reads no more.
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

    /// - Returns: the bytes that are there; empty at the connection's end; `nil` where there are none yet.
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
            throw GatewayClientError(.closed, "\(name): the connection was reset before the response was whole")
        default: throw failure("cannot receive")
        }
    }

    /// Waits until the socket can be read, or, where that is wanted, written.
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

    private func failure(_ what: String) -> GatewayClientError {
        GatewayClientError(.system, "\(name): \(what): \(String(cString: strerror(errno)))")
    }
}
