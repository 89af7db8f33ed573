internal import CGatehouseSystem
import GatehouseConfiguration
internal import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// A connection that the supervisor answers because no worker can. It has little time and may send little; nothing here
/// blocks.
final class RefusedConnection {
    let descriptor: Int32
    /// The time at which it is closed, whatever its peer does, in milliseconds of the monotonic clock.
    let deadline: Int
    private(set) var isDone = false
    private var answer: RefusalAnswer
    private var left = mostBytes
    private var hasEnded = false

    private static let timeout = 5_000
    /// The most bytes that a peer may send: an upload under way is read and dropped, because closing with unread input
    /// sends a reset, which can cost the front server the answer.
    private static let mostBytes = 64 << 20
    private static let pieces = 4

    /// Belongs to this from now on.
    init(descriptor: Int32, scheme: Endpoint.Scheme, retryAfter: Int, now: Int) {
        self.descriptor = descriptor
        deadline = now + Self.timeout
        answer = RefusalAnswer(scheme, retryAfter: retryAfter)
    }

    deinit { close(descriptor) }

    var waitsToSend: Bool { !answer.output.isEmpty }

    /// Reads and answers as far as that is possible without waiting.
    func goOn(buffer: inout [UInt8]) {
        for _ in 0..<Self.pieces where !isDone {
            let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            if count < 0, errno == EAGAIN || errno == EINTR { break }
            left -= max(0, count)
            // The peer has ended its side, and may still want the answer.
            if count == 0 {
                sendAnswer()
                return isDone = true
            }
            guard count > 0, left > 0 else { return isDone = true }
            if !hasEnded { answer.receive(buffer[..<count]) }
            if answer.isViolated { return isDone = true }
        }
        sendAnswer()
    }

    private func sendAnswer() {
        while !answer.output.isEmpty, !isDone {
            let count = answer.output.withUnsafeBytes { bytes in
                retryingOnInterruption {
                    send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
                }
            }
            if count < 0, errno == EAGAIN { return }
            guard count > 0 else { return isDone = true }
            answer.sent(count)
        }
        // A connection that is to be kept stays open for a few seconds. If it ended right after the answer, its end
        // could cross the front server's next request, and HAProxy would answer that one with 502.
        guard answer.isComplete, !answer.keepsConnection, !hasEnded else { return }
        hasEnded = true
        shutdown(descriptor, Int32(SHUT_WR))
    }
}
