import Glibc

/// The sockets of connections that are over, each open a while longer with our side shut down.
///
/// Some clients (flup's, for one) send one more record behind the last, and writing to a closed Unix socket fails.
/// Nobody needs to read it, and so nothing waits for these sockets: they are closed by time, and the oldest when there
/// are many. Confined to the loop's thread.
struct LingeringSockets {
    private struct Socket {
        var descriptor: Int32
        var since: Int64
    }

    /// A ring: once it is full, `oldest` is the place of the next.
    private var sockets: [Socket] = []
    private var oldest = 0

    /// The most of them: a busy worker keeps each for a few milliseconds.
    private static let most = 256

    var isEmpty: Bool { sockets.isEmpty }

    mutating func add(_ descriptor: Int32, now: Int64) {
        let socket = Socket(descriptor: descriptor, since: now)
        guard sockets.count == Self.most else { return sockets.append(socket) }
        close(sockets[oldest].descriptor)
        sockets[oldest] = socket
        oldest = oldest + 1 == Self.most ? 0 : oldest + 1
    }

    /// Closes those that are older than `time`, in nanoseconds.
    mutating func closeDue(after time: Int64, now: Int64) {
        guard !sockets.isEmpty, now - sockets[oldest].since > time else { return }
        let inOrder = sockets[oldest...] + sockets[..<oldest]
        oldest = 0
        sockets = inOrder.filter { socket in
            let stays = now - socket.since <= time
            if !stays { close(socket.descriptor) }
            return stays
        }
    }

    mutating func closeAll() {
        for socket in sockets { close(socket.descriptor) }
        sockets = []
        oldest = 0
    }
}
