import CGatehouseSystem
@testable import GatehouseServer
import GatehouseWire
import Glibc
import HummingbirdCore
import NIOCore
import Testing

/// Bodies of many records, as front servers send them.
struct LargeBodyTests {
    /// Answers with the sizes of the chunks that it gets.
    private static func chunks(_ request: Request) async throws -> Response {
        var sizes: [Int] = []
        for try await chunk in request.body { sizes.append(chunk.readableBytes) }
        return Bench.text("\(sizes)")
    }

    @Test func `the records of one read are one chunk`() async throws {
        let bench = try await Bench { request, _ in try await Self.chunks(request) }
        try await bench.send(Records.head("POST", "/"))
        let record = Records.stdin([UInt8](repeating: 1, count: 8_192))
        try await bench.send(record + record + record)
        try await bench.send(record + Records.stdinEnd())
        #expect(try await bench.answer().body == "[24576, 8192]")
    }

    @Test func `records of two requests in one read stay apart`() async throws {
        let bench = try await Bench { request, _ in
            var body: [UInt8] = []
            for try await chunk in request.body { body += chunk.readableBytesView }
            return Bench.text("\(body)")
        }
        try await bench.send(Records.head("POST", "/", 1) + Records.head("POST", "/", 2))
        let bytes =
            Records.stdin([1], 1) + Records.stdin([2, 2], 1) + Records.stdin([3], 2) + Records.stdin([4], 1)
            + Records.stdin([5], 2) + Records.stdinEnd(2) + Records.stdin([6], 1) + Records.stdinEnd(1)
        try await bench.send(bytes)
        #expect(try await bench.answer(1).body == "[1, 2, 2, 4, 6]")
        #expect(try await bench.answer(2).body == "[3, 5]")
    }

    /// A body of 4 MiB on a socket, whose reading has pauses: the test's clock stands still, so every read is fast.
    private static let body = (0..<(4 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31) }

    @Test func `a large body arrives whole, whatever the pauses of its reading`() async throws {
        let bench = try await Bench { request, _ in
            var (count, sum) = (0, 0)
            for try await chunk in request.body {
                count += chunk.readableBytes
                sum = chunk.readableBytesView.reduce(sum) { $0 &* 31 &+ Int($1) }
            }
            return Bench.text("\(count) \(sum)")
        }
        let (ours, theirs) = try Self.sockets()
        defer { close(ours) }
        try await Self.open(theirs, on: bench)
        let sum = Self.body.reduce(0) { $0 &* 31 &+ Int($1) }
        let answer = await Self.onThread {
            guard Self.send(Records.head("POST", "/"), to: ours) else { return "the head was not taken" }
            for start in stride(from: 0, to: Self.body.count, by: 8_192) {
                let record = Records.stdin(Array(Self.body[start..<start + 8_192]))
                guard Self.send(record, to: ours) else { return "the body was not taken" }
            }
            guard Self.send(Records.stdinEnd(), to: ours) else { return "the end was not taken" }
            var answer = [UInt8](repeating: 0, count: 4_096)
            let count = read(ours, &answer, answer.count)
            return Answer.parse(Array(answer.prefix(max(count, 0))))?[1]?.body ?? "none"
        }
        #expect(answer == "\(Self.body.count) \(sum)")
    }

    @Test func `a front server that leaves in a pause is noticed`() async throws {
        let bench = try await Bench { request, _ in try await Self.chunks(request) }
        let (ours, theirs) = try Self.sockets()
        try await Self.open(theirs, on: bench)
        let taken = await Self.onThread {
            defer { close(ours) }
            guard Self.send(Records.head("POST", "/"), to: ours) else { return false }
            return (0..<256).allSatisfy { _ in
                Self.send(Records.stdin([UInt8](repeating: 1, count: 8_192)), to: ours)
            }
        }
        #expect(taken)
        // The bench's own connection is the other one.
        while bench.loop.connectionCount > 1 { await Task.yield() }
        await bench.loop.whenNoHandlerRuns()
    }

    private static func sockets() throws -> (Int32, Int32) {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
        try #require(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0)
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(ends[0], SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        return (ends[0], ends[1])
    }

    private static func open(_ descriptor: Int32, on bench: Bench) async throws {
        try await bench.on { bench in
            SocketConnection.open(
                descriptor, isUnixSocket: true, wire: FastCGIConnection(limits: Limits()), loop: bench.loop)
        }
    }

    private static func send(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                gatehouse_send_bytes(descriptor, $0.baseAddress, $0.count)
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// A peer that blocks must not hold a thread of the tests' pool.
    private static func onThread<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            do {
                try PlainThread.run { continuation.resume(returning: work()) }
            } catch {
                continuation.resume(returning: work())
            }
        }
    }
}
