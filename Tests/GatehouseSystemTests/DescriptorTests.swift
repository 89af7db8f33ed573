import GatehouseSystem
import Glibc
import TestSupport
import Testing

struct DescriptorTests {
    /// Sends SIGUSR2, whose handler does nothing, to a thread every millisecond until it is told to stop.
    private final class Interrupter: @unchecked Sendable {
        private var thread = pthread_t()
        private let target = pthread_self()
        private let ends: SocketPair

        init() throws {
            ends = try SocketPair()
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { _ in }
            // Without SA_RESTART, so that calls do end with EINTR.
            sigaction(SIGUSR2, &action, nil)
            let own = Unmanaged.passUnretained(self).toOpaque()
            let result = pthread_create(
                &thread, nil,
                { argument in
                    guard let argument else { return nil }
                    let own = Unmanaged<Interrupter>.fromOpaque(argument).takeUnretainedValue()
                    var stop = pollfd(fd: own.ends.theirs, events: Int16(POLLIN), revents: 0)
                    while poll(&stop, 1, 1) == 0 { pthread_kill(own.target, SIGUSR2) }
                    return nil
                }, own)
            try #require(result == 0)
        }

        func stop() {
            _ = write(ends.ours, "x", 1)
            pthread_join(thread, nil)
        }
    }

    @Test func `short writes and interruptions lose and repeat nothing`() throws {
        let pair = try SocketPair(buffer: 4_096)
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
        // The reader takes odd pieces, and pauses so that the writer has to wait.
        let reader = Reader(pair.theirs)
        let interrupter = try Interrupter()
        try Descriptor.writeAll(bytes[..<1_000_000], to: pair.ours)
        try Descriptor.sendAll(bytes[1_000_000...], to: pair.ours)
        interrupter.stop()
        shutdown(pair.ours, Int32(SHUT_WR))
        withExtendedLifetime(pair) { #expect(reader.wait() == bytes) }
    }

    /// Reads a socket to its end on a thread of its own.
    private final class Reader: @unchecked Sendable {
        private var thread = pthread_t()
        private let descriptor: Int32
        private var received: [UInt8] = []

        init(_ descriptor: Int32) {
            self.descriptor = descriptor
            pthread_create(
                &thread, nil,
                { argument in
                    guard let argument else { return nil }
                    let own = Unmanaged<Reader>.fromOpaque(argument).takeUnretainedValue()
                    var buffer = [UInt8](repeating: 0, count: 10_007)
                    while true {
                        let count = read(own.descriptor, &buffer, buffer.count)
                        guard count > 0 else { return nil }
                        own.received += buffer[..<count]
                        if own.received.count % 5 == 0 { usleep(100) }
                    }
                }, Unmanaged.passUnretained(self).toOpaque())
        }

        func wait() -> [UInt8] {
            pthread_join(thread, nil)
            return received
        }
    }

    @Test func `a full socket that does not block is reported`() throws {
        let pair = try SocketPair(buffer: 4_096)
        pair.makeNonBlocking()
        let bytes = [UInt8](repeating: 1, count: 1 << 20)
        #expect(throws: SystemError("write", EAGAIN)) { try Descriptor.writeAll(bytes, to: pair.ours) }
        #expect(throws: SystemError("send", EAGAIN)) { try Descriptor.sendAll(bytes, to: pair.ours) }
    }

    @Test func `a peer that has gone is an error, not a signal`() throws {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        close(ends[1])
        defer { close(ends[0]) }
        #expect(throws: SystemError("send", EPIPE)) { try Descriptor.sendAll([1], to: ends[0]) }
    }

    @Test func `no bytes need no call, and every collection can be written`() throws {
        try Descriptor.writeAll([], to: -1)
        #expect(throws: SystemError("write", EBADF)) { try Descriptor.writeAll([1], to: -1) }
        let file = try MemoryFile.make("test", holding: "text".utf8)
        defer { close(file) }
        try Descriptor.writeAll([1, 2, 3].lazy.map { UInt8($0) }, to: file)
        // Three of the four bytes are overwritten, and the position is behind them.
        #expect(try Descriptor.readAll(file) == Array("t".utf8))
        #expect(try Descriptor.read(file, at: 0) == [1, 2, 3] + Array("t".utf8))
    }

    @Test(arguments: [0, 1, 65_535, 65_536, 65_537, 200_000])
    func `a file is read whole, at its limit and not beyond`(size: Int) throws {
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let file = try MemoryFile.make("test", holding: bytes)
        defer { close(file) }
        #expect(try Descriptor.readAll(file) == bytes)
        #expect(lseek(file, 0, SEEK_SET) == 0)
        #expect(try Descriptor.readAll(file, atMost: size) == bytes)
        guard size > 0 else { return }
        #expect(lseek(file, 0, SEEK_SET) == 0)
        #expect(throws: SystemError("read", EFBIG)) { try Descriptor.readAll(file, atMost: size - 1) }
    }

    @Test func `a part of a file is read without moving its position`() throws {
        let file = try MemoryFile.make("test", holding: Array(0..<100))
        defer { close(file) }
        #expect(try Descriptor.read(file, at: 10, upTo: 5) == [10, 11, 12, 13, 14])
        #expect(try Descriptor.read(file, at: 98, upTo: 5) == [98, 99])
        #expect(try Descriptor.read(file, at: 500, upTo: 5) == [])
        #expect(throws: SystemError("pread", EINVAL)) { try Descriptor.read(file, at: -1) }
        #expect(lseek(file, 0, SEEK_CUR) == 0)
        var buffer: [UInt8] = [0, 0, 0]
        #expect(try buffer.withUnsafeMutableBytes { try Descriptor.read(file, into: $0) } == 3)
        #expect(buffer == [0, 1, 2])
    }

    @Test func `failures to read have their number`() throws {
        let pair = try SocketPair()
        pair.makeNonBlocking()
        #expect(throws: SystemError("read", EAGAIN)) { try Descriptor.readAll(pair.ours) }
        #expect(throws: SystemError("pread", ESPIPE)) { try Descriptor.read(pair.ours, at: 0) }
        #expect(throws: SystemError("read", EBADF)) { try Descriptor.readAll(-1) }
        let folder = try TemporaryFolder()
        let descriptor = open(folder.path, O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        #expect(throws: SystemError("read", EISDIR)) { try Descriptor.readAll(descriptor) }
    }
}
