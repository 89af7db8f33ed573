import GatehouseSystem
import Glibc
import Testing

struct SendQueueTests {
    @Test func `bytes arrive in order, and the rest waits for room`() throws {
        let pair = try SocketPair(buffer: 4_096)
        let bytes = (0..<500_000).map { UInt8(truncatingIfNeeded: $0 &* 13) }
        var queue = SendQueue(capacity: 1 << 20)
        queue.append(bytes)
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var isAlive = queue.send(to: pair.ours)
        #expect(isAlive && !queue.isEmpty)
        while received.count < bytes.count {
            let count = read(pair.theirs, &buffer, buffer.count)
            try #require(count > 0)
            received += buffer[..<count]
            isAlive = queue.send(to: pair.ours)
            #expect(isAlive)
        }
        #expect(queue.isEmpty && received == bytes)
    }

    @Test func `a peer that leaves too much unread is given up`() throws {
        let pair = try SocketPair(buffer: 4_096)
        var queue = SendQueue(capacity: 10_000)
        queue.append([UInt8](repeating: 0, count: 1 << 20))
        let isAlive = queue.send(to: pair.ours)
        #expect(!isAlive && queue.isEmpty)
    }

    @Test func `a peer that has gone is given up`() throws {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        close(ends[1])
        defer { close(ends[0]) }
        var queue = SendQueue(capacity: 100)
        var isAlive = queue.send(to: ends[0])
        #expect(isAlive, "nothing has to be sent")
        queue.append([1])
        isAlive = queue.send(to: ends[0])
        #expect(!isAlive && queue.isEmpty)
    }
}
