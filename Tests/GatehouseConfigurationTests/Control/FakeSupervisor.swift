import FoundationEssentials
import GatehouseSystem
import Glibc

/// The other end of a control socket, which sends the lines that a test gives it. A Unix socket takes connections and
/// bytes before anybody waits for them, so a test can do both ends' parts one after the other.
final class FakeSupervisor {
    let path: String
    private let listener: Int32
    private var client: Int32 = -1

    struct Failed: Error { var call: String }

    init(_ path: String) throws {
        self.path = path
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let bound = try UnixAddress(path: path).withSocketAddress { [listener] in bind(listener, $0, $1) }
        guard bound == 0, listen(listener, 8) == 0 else { throw Failed(call: "bind, listen") }
    }

    deinit {
        hangUp()
        close(listener)
    }

    /// Takes the connection that a client has made.
    func accept() throws {
        client = Glibc.accept(listener, nil, nil)
        guard client >= 0 else { throw Failed(call: "accept") }
    }

    func say(_ text: String) throws {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { throw Failed(call: "send") }
            rest = rest.dropFirst(count)
        }
    }

    /// The bytes that the client has sent so far.
    func heard() -> String {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = recv(client, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return String(decoding: buffer[..<max(0, count)], as: UTF8.self)
    }

    func hangUp() {
        if client >= 0 { close(client) }
        client = -1
    }
}
