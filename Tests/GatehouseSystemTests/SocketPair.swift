import Glibc
import Testing

/// Two connected Unix sockets, closed at the end of a test.
final class SocketPair: Sendable {
    let ours: Int32
    let theirs: Int32

    /// - Parameter buffer: the size of the socket's buffer; the kernel doubles it and has a least size.
    init(buffer: Int32? = nil) throws {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        (ours, theirs) = (ends[0], ends[1])
        if var buffer {
            setsockopt(ours, SOL_SOCKET, SO_SNDBUF, &buffer, socklen_t(MemoryLayout<Int32>.size))
        }
    }

    func makeNonBlocking() {
        for end in [ours, theirs] { _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK) }
    }

    deinit {
        close(ours)
        close(theirs)
    }
}
