import GatehouseSystem
import Glibc

/// System calls of a proxy, for both kinds of address.
enum ProxySocket {
    private static let flags = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)

    static func listen(_ address: FaultProxy.Address) throws -> Int32 {
        let descriptor = try open(address)
        let bound = withAddress(address) { bind(descriptor, $0, $1) }
        guard bound == 0, Glibc.listen(descriptor, 1024) == 0 else { throw SystemError("bind") }
        return descriptor
    }

    /// - Returns: a connected socket; connecting itself may wait, which it does not at the same machine.
    static func connect(to address: FaultProxy.Address) throws -> Int32 {
        let descriptor = try open(address)
        // A connection to this machine is made at once, or is in progress and made soon: a write waits for it.
        let made = withAddress(address) { Glibc.connect(descriptor, $0, $1) }
        guard made == 0 || errno == EINPROGRESS else {
            close(descriptor)
            throw SystemError("connect")
        }
        sendAtOnce(descriptor)
        return descriptor
    }

    static func port(of descriptor: Int32) throws -> Int {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard code == 0 else { throw SystemError("getsockname") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// Every write of TCP is a packet of its own.
    static func sendAtOnce(_ descriptor: Int32) {
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    static func resetAtClose(_ descriptor: Int32) {
        var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
    }

    /// Bytes, or the memory of them, that the peer of a Unix socket has not read.
    static func unread(_ descriptor: Int32) -> Int32 {
        var count: Int32 = 0
        return ioctl(descriptor, UInt(TIOCOUTQ), &count) == 0 ? count : 0
    }

    private static func open(_ address: FaultProxy.Address) throws -> Int32 {
        let family = if case .unix = address { AF_UNIX } else { AF_INET }
        let descriptor = socket(family, flags, 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        return descriptor
    }

    private static func withAddress(
        _ address: FaultProxy.Address, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        switch address {
        case .unix(let path):
            var unix = sockaddr_un()
            unix.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &unix.sun_path) { $0.copyBytes(from: Array(path.utf8.prefix(107))) }
            return withUnsafePointer(to: &unix) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
        case .tcp(let port):
            var tcp = sockaddr_in()
            tcp.sin_family = sa_family_t(AF_INET)
            tcp.sin_port = in_port_t(port).bigEndian
            tcp.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
            return withUnsafePointer(to: &tcp) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
    }
}
