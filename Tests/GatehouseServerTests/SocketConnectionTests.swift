import CGatehouseSystem
@testable import GatehouseServer
import GatehouseWire
import Glibc
import HummingbirdCore
import Testing

struct SocketConnectionTests {
    @Test func `an answer does not wait for a body behind it that pauses the reading`() async throws {
        var limits = Limits()
        limits.bufferedBytesPerRequest = 32_768
        let gate = Gate()
        defer { gate.open() }
        let bench = try await Bench(limits: limits) { [limits] request, _ in
            if request.uri.path == "/held" { await gate.pass() }
            return Bench.text("\(limits.bufferedBytesPerRequest)")
        }
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
        let (ours, theirs) = (ends[0], ends[1])
        defer { close(ours) }
        try #require(fcntl(theirs, F_SETFL, O_NONBLOCK) == 0)
        var size: Int32 = 1 << 20
        setsockopt(ours, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(ours, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))

        // More than one read takes, and everything is there before the first.
        let body = [UInt8](repeating: 1, count: 100_000)
        let bytes = Records.get("/") + Records.head("POST", "/held", 2) + Records.stdin(body, 2)
        try #require(write(ours, bytes, bytes.count) == bytes.count)
        try await bench.on { [limits] bench in
            SocketConnection.open(
                theirs, isUnixSocket: true, wire: FastCGIConnection(limits: limits), loop: bench.loop)
        }
        var answer = [UInt8](repeating: 0, count: 4_096)
        let count = read(ours, &answer, answer.count)
        #expect(Answer.parse(Array(answer.prefix(max(count, 0))))?[1]?.body == "32768")
    }
}
