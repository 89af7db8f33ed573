import CGatehouseSystem
import Glibc

/// systemd's end of NOTIFY_SOCKET: a datagram socket of the test's own.
struct Manager {
    let descriptor: Int32
    /// The value of NOTIFY_SOCKET.
    let address: String

    /// - Parameter address: a path, or '@' and an abstract name.
    init(_ address: String) {
        self.address = address
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var target = sockaddr_un()
        target.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &target.sun_path) { field in
            field.copyBytes(from: address.utf8)
            if address.hasPrefix("@") { field[0] = 0 }
        }
        let length =
            address.hasPrefix("@")
            ? socklen_t(MemoryLayout<sa_family_t>.size + address.utf8.count) : socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: &target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        precondition(result == 0, "the test's own socket cannot be made: \(String(cString: strerror(errno)))")
    }

    func stop() { close(descriptor) }

    /// The next message's lines, and the descriptor that came with it or -1; `nil` if there is no message.
    func next() -> (lines: [String], descriptor: Int32)? {
        var buffer = [UInt8](repeating: 0, count: 8_192)
        var passed: Int32 = -1
        let count = gatehouse_receive_descriptor(descriptor, &passed, &buffer, buffer.count)
        guard count >= 0 else { return nil }
        let text = String(decoding: buffer[..<count], as: UTF8.self)
        return (text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init), passed)
    }
}
