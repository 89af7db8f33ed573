import GatehouseConfiguration
import GatehousePlan
@testable import GatehouseSupervisor
import Glibc
import TestSupport
import Testing

/// Real sockets, on which this process plays the program.
struct ProgramProbeTests {
    /// Listens on a Unix socket or on a TCP port.
    private final class Program {
        let socket: ListeningSocket
        let folder: TemporaryFolder

        init(isTCP: Bool) throws {
            folder = try TemporaryFolder()
            var port: UInt16 = 0
            if isTCP { port = try Program.freePort() }
            let text = isTCP ? "http:127.0.0.1:\(port)" : "http:\(folder.path)/p.sock"
            socket = try ListeningSocket.open(try Endpoint(parsing: text), settings: SocketSettings())
        }

        /// The kernel gives one that nobody has.
        private static func freePort() throws -> UInt16 {
            let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let result = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, length) == 0 ? getsockname(descriptor, $0, &length) : -1
                }
            }
            try #require(result == 0)
            return UInt16(bigEndian: address.sin_port)
        }

        func probe(path: String? = nil, isAsked: ((UInt32) -> Bool)? = nil) -> ProgramProbe {
            let target = ProgramProbe.Target(
                listener: socket.descriptor, path: socket.ownPath, endpoint: socket.endpoint)
            return ProgramProbe(
                [target], now: 0,
                request: { scheme in path.map { ProgramRequest(path: $0, scheme: scheme, directory: "/") } },
                isAsked: isAsked)
        }

        func accept() throws -> Int32 {
            let connection = Glibc.accept(socket.descriptor, nil, nil)
            try #require(connection >= 0)
            return connection
        }
    }

    private static func answer(_ text: String, on connection: Int32) {
        _ = Array(text.utf8).withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }

    @Test(arguments: [false, true]) func `a connection that only waits in the queue is no answer`(isTCP: Bool) throws {
        let program = try Program(isTCP: isTCP)
        let probe = program.probe()
        for now in stride(from: 0, to: 2_000, by: 50) { #expect(probe.advance(now: now) == .waiting) }
        #expect(probe.due > 1_900 && probe.due <= 2_100)
        let connection = try program.accept()
        defer { close(connection) }
        #expect(probe.advance(now: 2_000) == .answered)
        #expect(probe.connection == -1, "it is not kept")
    }

    @Test(arguments: [false, true]) func `one that is accepted and closed at once is an answer`(isTCP: Bool) throws {
        let program = try Program(isTCP: isTCP)
        let probe = program.probe()
        #expect(probe.advance(now: 0) == .waiting)
        close(try program.accept())
        #expect(probe.advance(now: 1) == .answered)
    }

    @Test func `after ten seconds it is said that nobody accepts, and another connection is tried`() throws {
        let program = try Program(isTCP: false)
        let probe = program.probe()
        #expect(probe.advance(now: 0) == .waiting)
        guard case .refused(let reason) = probe.advance(now: 10_000) else { return #expect(Bool(false)) }
        #expect(reason.hasPrefix("nobody has accepted a connection to http:"))
        close(try program.accept())
        #expect(probe.advance(now: 10_100) == .waiting, "that was the first one")
        close(try program.accept())
        #expect(probe.advance(now: 10_101) == .answered)
    }

    @Test(arguments: [false, true]) func `where others accept as well, one of those that are asked must`(isTCP: Bool)
        throws
    {
        let program = try Program(isTCP: isTCP)
        var asked: [UInt32] = []
        var isRight = false
        let probe = program.probe { inode in
            asked.append(inode)
            return isRight
        }
        #expect(probe.advance(now: 0) == .waiting)
        let wrong = try program.accept()
        defer { close(wrong) }
        #expect(probe.advance(now: 5) == .waiting)
        var status = stat()
        #expect(fstat(wrong, &status) == 0 && asked == [UInt32(truncatingIfNeeded: status.st_ino)])
        isRight = true
        #expect(probe.advance(now: 1_000) == .waiting, "it has connected again")
        let right = try program.accept()
        defer { close(right) }
        #expect(probe.advance(now: 1_001) == .answered)
    }

    @Test func `who holds a socket is found by process group`() throws {
        let program = try Program(isTCP: false)
        var status = stat()
        #expect(fstat(program.socket.descriptor, &status) == 0)
        let inode = UInt32(truncatingIfNeeded: status.st_ino)
        #expect(SocketHolder.canBeFound)
        #expect(SocketHolder.isHeld(inode, byGroups: [getpgid(0)]))
        #expect(!SocketHolder.isHeld(inode, byGroups: [1_000_000_000]))
    }

    @Test func `a request is asked until it is answered well`() throws {
        let program = try Program(isTCP: false)
        let probe = program.probe(path: "/health")
        #expect(probe.advance(now: 0) == .waiting && probe.awaitsAnswer)
        let first = try program.accept()
        #expect(probe.advance(now: 10) == .waiting, "that it is accepted is not enough")
        Self.answer("HTTP/1.1 503 Starting\r\n\r\n", on: first)
        close(first)
        guard case .refused(let reason) = probe.advance(now: 20) else { return #expect(Bool(false)) }
        #expect(reason.hasPrefix("GET /health at http:") && reason.hasSuffix("is answered 503"))
        #expect(probe.advance(now: 60) == .waiting && probe.connection == -1, "not without a pause")
        #expect(probe.advance(now: 120) == .waiting)
        let second = try program.accept()
        defer { close(second) }
        Self.answer("HTTP/1.1 302 Found\r\n", on: second)
        #expect(probe.advance(now: 130) == .answered)
    }
}
