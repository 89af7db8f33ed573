@testable import GatehouseServer
import Glibc
import Testing

/// Sockets of ended connections: whether they are open shows at their other ends.
struct LingeringSocketsTests {
    private final class Peers {
        var ends: [Int32] = []

        /// The descriptor of a new one, whose other end is kept here.
        func make() throws -> Int32 {
            var pair: [Int32] = [-1, -1]
            try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &pair) == 0)
            ends.append(pair[0])
            return pair[1]
        }

        /// The positions of those that are still open.
        var open: [Int] {
            ends.indices.filter { index in
                var byte: UInt8 = 0
                return recv(ends[index], &byte, 1, Int32(MSG_DONTWAIT)) < 0
            }
        }

        deinit { for end in ends { close(end) } }
    }

    @Test func `each is closed when its time is over`() throws {
        let peers = Peers()
        var sockets = LingeringSockets()
        for now in 0..<4 { sockets.add(try peers.make(), now: Int64(now)) }
        sockets.closeDue(after: 10, now: 10)
        #expect(peers.open == [0, 1, 2, 3])
        sockets.closeDue(after: 10, now: 12)
        #expect(peers.open == [2, 3] && !sockets.isEmpty)
        sockets.closeDue(after: 10, now: 14)
        #expect(peers.open.isEmpty && sockets.isEmpty)
    }

    @Test func `the oldest makes room, and those behind it are still closed by time`() throws {
        let peers = Peers()
        var sockets = LingeringSockets()
        for now in 0..<300 { sockets.add(try peers.make(), now: Int64(now)) }
        #expect(peers.open == Array(44..<300))
        sockets.closeDue(after: 100, now: 300)
        #expect(peers.open == Array(200..<300))
        for now in 300..<500 { sockets.add(try peers.make(), now: Int64(now)) }
        #expect(peers.open == Array(244..<500))
        sockets.closeAll()
        #expect(peers.open.isEmpty && sockets.isEmpty)
    }
}
