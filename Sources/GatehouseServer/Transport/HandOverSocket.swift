import CGatehouseSystem
import GatehousePlan
import Glibc
import Synchronization

/// The socket over which connections leave for another worker, and come from others (SOCK_SEQPACKET). From any thread.
package final class HandOverSocket: Sendable {
    let descriptor: Int32
    private let isBroken = Atomic<Bool>(false)

    /// - Parameter descriptor: not closed by this.
    package init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Whether somebody may take what is given. `false` once it has turned out that nobody does.
    package var isUsable: Bool { !isBroken.load(ordering: .relaxed) }

    /// Sends a connection's descriptor, which stays open here.
    /// - Returns: whether it is on its way. Where not, and the socket is still usable, try again in a while.
    func give(_ connection: Int32, listener: Int) -> Bool {
        guard HandOverMessage.listeners.contains(listener) else { return false }
        let bytes = HandOverMessage.connection(listener: listener).bytes
        if gatehouse_send_descriptor(descriptor, connection, bytes, bytes.count) == 0 { return true }
        switch errno {
        // Whoever takes them is slow, or the system is short of something: the next one may go.
        case EAGAIN, ENOBUFS, ENOMEM, ETOOMANYREFS: break
        default: isBroken.store(true, ordering: .relaxed)
        }
        return false
    }

    /// What came in.
    enum Arrival {
        case received(HandOverMessage, Int32)
        /// Something that is not understood, and has been closed.
        case malformed
        case nothingYet
        /// Nobody can send any more.
        case end
    }

    func receive() -> Arrival {
        var passed: Int32 = -1
        var bytes: [UInt8] = [0, 0]
        let count = gatehouse_receive_descriptor(descriptor, &passed, &bytes, bytes.count)
        if count < 0 { return errno == EAGAIN ? .nothingYet : .end }
        guard count > 0 else {
            if passed >= 0 { close(passed) }
            return .end
        }
        guard passed >= 0, let what = HandOverMessage(bytes: bytes.prefix(count)) else {
            if passed >= 0 { close(passed) }
            return .malformed
        }
        return .received(what, passed)
    }
}
