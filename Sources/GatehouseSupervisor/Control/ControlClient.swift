internal import CGatehouseSystem
internal import FoundationEssentials
import GatehouseControl
internal import GatehouseSystem
internal import Glibc

/// One connection of an operator's command: one request in, replies out.
final class ControlClient {
    let descriptor: Int32
    private var framer = LineFramer(longest: 65_536)
    private var replies = SendQueue(capacity: 1 << 24)
    private(set) var isDone = false
    private var endsAfterSending = false

    /// Pieces of 4 KiB; a socket holds no more than a few hundred KiB unless its size was raised.
    private static let mostUnread = 256

    /// Belongs to the client from now on.
    init(descriptor: Int32) { self.descriptor = descriptor }

    /// Drains before closing: closing with unread input sends a reset, and the client would see that instead of our
    /// refusal.
    deinit {
        shutdown(descriptor, Int32(SHUT_RDWR))
        var buffer = [UInt8](repeating: 0, count: 4_096)
        for _ in 0..<Self.mostUnread {
            guard recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT)) > 0 else { break }
        }
        close(descriptor)
    }

    var waitsToSend: Bool { !replies.isEmpty }

    enum Message {
        case request(ControlRequest)
        case malformed
    }

    func read() -> Message? {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        if count < 0, errno == EAGAIN || errno == EINTR { return nil }
        guard count > 0 else {
            isDone = true
            return nil
        }
        framer.receive(buffer[..<count])
        guard let line = framer.next() else { return nil }
        let request = try? JSONDecoder().decode(ControlRequest.self, from: Data(line.bytes))
        return request.map { .request($0) } ?? .malformed
    }

    func send(_ reply: ControlReply) {
        guard !isDone, let line = try? JSONEncoder().encode(reply) else { return }
        replies.append(line + [UInt8(ascii: "\n")])
        if case .progress = reply {} else { endsAfterSending = true }
        sendUnsent()
    }

    func sendUnsent() {
        if !replies.send(to: descriptor) || replies.isEmpty && endsAfterSending { isDone = true }
    }
}
