import DatabaseTestSupport
import GatehouseSystem
import Glibc
import Testing

/// A proxy that is a bad network, before PostgreSQL's answer to a request for TLS: one byte for eight.
struct FaultProxyTests {
    private static let request: [UInt8] = [0, 0, 0, 8, 4, 210, 22, 47]

    /// A client that blocks, and gives up after a second.
    private final class Client {
        let descriptor: Int32

        init(_ path: String) throws {
            descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            let code = try UnixAddress(path: path).withSocketAddress { connect(descriptor, $0, $1) }
            guard code == 0 else { throw SystemError("connect") }
        }

        deinit { close(descriptor) }

        func send(_ bytes: some Collection<UInt8>) throws { try Descriptor.sendAll(bytes, to: descriptor) }

        /// The next bytes, up to so many; `nil` if there is none within the time.
        func receive(_ count: Int = 100, milliseconds: Int32 = 5_000) throws -> [UInt8]? {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&entry, 1, milliseconds) > 0 else { return nil }
            return try [UInt8](unsafeUninitializedCapacity: count) { buffer, used in
                used = try Descriptor.read(descriptor, into: UnsafeMutableRawBufferPointer(buffer))
            }
        }
    }

    private func proxy() async throws -> FaultProxy {
        try FaultProxy(to: .unix(await PostgresServer.shared.socket))
    }

    @Test func `bytes pass in both directions, in one piece and one by one`() async throws {
        let proxy = try await proxy()
        for faults in [[], [FaultProxy.Fault.drip(.toServer), .drip(.toClient)]] {
            for fault in faults { proxy.arm(fault) }
            let client = try Client(proxy.socket)
            try client.send(Self.request)
            #expect(try client.receive() == [UInt8(ascii: "N")])
        }
        #expect(proxy.accepted == 2)
        #expect(proxy.cuts == 0)
    }

    @Test func `a connection is cut after a byte, as often as wanted`() async throws {
        let proxy = try await proxy()
        proxy.arm(.cut(after: 5, .toServer), times: 1)
        let cut = try Client(proxy.socket)
        try cut.send(Self.request.prefix(5))
        #expect(try cut.receive() == [])
        #expect(proxy.cuts == 1)
        let whole = try Client(proxy.socket)
        try whole.send(Self.request)
        #expect(try whole.receive() == [UInt8(ascii: "N")])
        proxy.cutAll()
        #expect(try whole.receive() == [])
    }

    @Test func `a stalled connection goes on when the proxy is told so`() async throws {
        let proxy = try await proxy()
        proxy.arm(.stall(after: 0, .toClient))
        let client = try Client(proxy.socket)
        try client.send(Self.request)
        #expect(try client.receive(milliseconds: 50) == nil)
        proxy.arm()
        #expect(try client.receive() == [UInt8(ascii: "N")])
    }

    @Test func `a piece ends at the byte at which it is split`() async throws {
        let proxy = try await proxy()
        let client = try Client(proxy.socket)
        // The server refuses this version in one long answer.
        proxy.arm(.split(after: 3, .toClient))
        try client.send([0, 0, 0, 8, 0, 9, 0, 0])
        #expect(try client.receive() == [UInt8(ascii: "E"), 0, 0])
        #expect(try (client.receive(1000) ?? []).count > 10)
    }

    @Test func `connections are refused while the proxy is told so`() async throws {
        let proxy = try await proxy()
        proxy.refuse(true)
        #expect(try Client(proxy.socket).receive() == [])
        proxy.refuse(false)
        let client = try Client(proxy.socket)
        try client.send(Self.request)
        #expect(try client.receive() == [UInt8(ascii: "N")])
    }
}
