import GatehouseConfiguration
import GatehousePlan
@testable import GatehouseSupervisor
import Glibc
import Testing

/// The connections that carry such answers: bounded in number, in time and in what they read.
struct RefusedConnectionTests {
    private func pair() throws -> (ours: Int32, theirs: Int32) {
        var ends: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
        return (ends[0], ends[1])
    }

    private func read(_ descriptor: Int32) -> String? {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }

    private func write(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        #expect(send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count)
    }

    @Test func `who has asked is answered at once, and hears that nothing more comes`() throws {
        let (ours, theirs) = try pair()
        defer { close(theirs) }
        write("GET / HTTP/1.1\r\n\r\n", to: theirs)
        var refusals = Refusals()
        refusals.add(RefusedConnection(descriptor: ours, scheme: .http, retryAfter: 1, now: 0))
        #expect(read(theirs)?.hasPrefix("HTTP/1.1 503 ") == true)
        #expect(read(theirs) == "", "the end")
        refusals.removeDone(now: 0)
        #expect(refusals.connections.count == 1, "an upload that is under way is read away")
        write("more", to: theirs)
        shutdown(theirs, Int32(SHUT_WR))
        refusals.goOn(refusals.connections[0])
        refusals.removeDone(now: 0)
        #expect(refusals.connections.isEmpty)
    }

    @Test(arguments: [Endpoint.Scheme.http, .scgi]) func `who has ended its side gets the answer`(
        _ scheme: Endpoint.Scheme
    ) throws {
        let (ours, theirs) = try pair()
        defer { close(theirs) }
        write(scheme == .http ? "GET / HTTP/1.0\r\n\r\n" : "3:a\0b,", to: theirs)
        shutdown(theirs, Int32(SHUT_WR))
        var refusals = Refusals()
        refusals.add(RefusedConnection(descriptor: ours, scheme: scheme, retryAfter: 1, now: 0))
        #expect(read(theirs)?.contains(" 503 ") == true)
        refusals.removeDone(now: 0)
        #expect(refusals.connections.isEmpty)
        #expect(read(theirs) == "", "the end")
    }

    // FCGI_BEGIN_REQUEST of a Responder with FCGI_KEEP_CONN, and the empty FCGI_STDIN.
    private static let kept: [UInt8] =
        [1, 1, 0, 1, 0, 8, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0] + [1, 5, 0, 1, 0, 0, 0, 0]

    @Test func `who keeps the connection may ask again`() throws {
        let (ours, theirs) = try pair()
        defer { close(theirs) }
        var refusals = Refusals()
        refusals.add(RefusedConnection(descriptor: ours, scheme: .fastCGI, retryAfter: 1, now: 0))
        for _ in 0..<2 {
            #expect(send(theirs, Self.kept, Self.kept.count, Int32(MSG_NOSIGNAL)) == Self.kept.count)
            refusals.goOn(refusals.connections[0])
            #expect(read(theirs)?.contains("Status: 503 ") == true)
            #expect(read(theirs) == nil, "no end behind it")
        }
        refusals.removeDone(now: 5_000)
        #expect(read(theirs) == "", "not for long")
    }

    @Test func `who says nothing has five seconds`() throws {
        let (ours, theirs) = try pair()
        defer { close(theirs) }
        var refusals = Refusals()
        refusals.add(RefusedConnection(descriptor: ours, scheme: .fastCGI, retryAfter: 1, now: 1_000))
        #expect(refusals.deadline(now: 1_000) == 6_000)
        refusals.removeDone(now: 5_999)
        #expect(refusals.connections.count == 1)
        refusals.removeDone(now: 6_000)
        #expect(refusals.connections.isEmpty && refusals.deadline(now: 6_000) == nil)
        #expect(read(theirs) == "")
    }

    @Test func `the oldest makes room`() throws {
        var refusals = Refusals()
        var others: [Int32] = []
        defer { others.forEach { close($0) } }
        for _ in 0..<Refusals.most + 10 {
            let (ours, theirs) = try pair()
            others.append(theirs)
            refusals.add(RefusedConnection(descriptor: ours, scheme: .fastCGI, retryAfter: 1, now: 0))
        }
        #expect(refusals.connections.count == Refusals.most)
        #expect(read(others[9]) == "" && read(others[10]) == nil)
    }

    @Test func `without descriptors nothing is accepted for a moment`() {
        var refusals = Refusals()
        refusals.acceptFailed(EAGAIN, now: 0)
        #expect(!refusals.isPaused(now: 0))
        refusals.acceptFailed(EMFILE, now: 0)
        #expect(refusals.isPaused(now: 99) && refusals.deadline(now: 99) == 100)
        #expect(!refusals.isPaused(now: 100) && refusals.deadline(now: 100) == nil)
    }
}
