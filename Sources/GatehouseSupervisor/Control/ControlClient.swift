internal import CGatehouseSystem
internal import FoundationEssentials
import GatehouseControl
internal import Glibc

/// One connection of an operator's command: one request in, replies out.
final class ControlClient {
    let descriptor: Int32
    private var reader = LineReader(longest: 65_536)
    private var unsent: [UInt8] = []
    private(set) var isDone = false
    private var endsAfterSending = false

    private static let mostUnsent = 1 << 24
    /// Pieces of 4 KiB; a socket holds no more than a few hundred KiB unless somebody has made it larger.
    private static let mostUnread = 256

    /// Belongs to the client from now on.
    init(descriptor: Int32) { self.descriptor = descriptor }

    /// Who is turned away may have asked already, or be about to: closing a socket with unread bytes in it is a reset,
    /// and instead of the reason the operator would read of that.
    deinit {
        shutdown(descriptor, Int32(SHUT_RDWR))
        var buffer = [UInt8](repeating: 0, count: 4_096)
        for _ in 0..<Self.mostUnread {
            guard recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT)) > 0 else { break }
        }
        close(descriptor)
    }

    var waitsToSend: Bool { !unsent.isEmpty }

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
        reader.receive(buffer[..<count])
        guard let line = reader.next() else { return nil }
        guard let request = try? JSONDecoder().decode(ControlRequest.self, from: Data(line)) else { return .malformed }
        return .request(request)
    }

    func send(_ reply: ControlReply) {
        guard !isDone, let line = try? JSONEncoder().encode(reply) else { return }
        unsent += line
        unsent.append(UInt8(ascii: "\n"))
        if case .progress = reply {} else { endsAfterSending = true }
        sendUnsent()
    }

    func sendUnsent() {
        while !unsent.isEmpty {
            let count = unsent.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN, unsent.count <= Self.mostUnsent { return }
            guard count > 0 else {
                isDone = true
                return
            }
            unsent.removeFirst(count)
        }
        if endsAfterSending { isDone = true }
    }
}
