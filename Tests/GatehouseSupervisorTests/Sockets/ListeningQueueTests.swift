@testable import GatehouseSupervisor
import Glibc
import TestSupport
import Testing

@Suite struct ListeningQueueTests {
    private static let nonblocking = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)

    @Test func `connections that wait on a Unix socket are counted`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/a.sock"
        let listening = socket(AF_UNIX, Self.nonblocking, 0)
        defer { close(listening) }
        #expect(withUnixAddress(path) { bind(listening, $0, $1) } == 0)
        #expect(listen(listening, 7) == 0)
        try count(listening, limit: 7, family: AF_UNIX) { client in
            withUnixAddress(path) { connect(client, $0, $1) }
        }
    }

    @Test(arguments: [("127.0.0.1", AF_INET), ("::1", AF_INET6)])
    func `connections that wait on a TCP socket are counted`(host: String, family: Int32) throws {
        var hints = addrinfo()
        hints.ai_family = family
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        try #require(getaddrinfo(host, "0", &hints, &list) == 0)
        defer { freeaddrinfo(list) }
        let found = try #require(list?.pointee)
        let listening = socket(family, Self.nonblocking, 0)
        defer { close(listening) }
        try #require(bind(listening, found.ai_addr, found.ai_addrlen) == 0)
        try #require(listen(listening, 7) == 0)
        var length = found.ai_addrlen
        try #require(getsockname(listening, found.ai_addr, &length) == 0)
        try count(listening, limit: 7, family: family) { connect($0, found.ai_addr, length) }
    }

    private func count(_ listening: Int32, limit: Int, family: Int32, connect: (Int32) -> Int32) throws {
        func depth() throws -> Int {
            let found = try #require(ListeningQueue.depth(of: listening))
            #expect(found.limit == limit)
            return found.waiting
        }
        #expect(try depth() == 0)
        var clients: [Int32] = []
        defer { clients.forEach { close($0) } }
        for number in 1...3 {
            // This one waits: a connection over loopback is in the queue when connect() returns.
            clients.append(socket(family, Int32(SOCK_STREAM.rawValue), 0))
            #expect(connect(clients[number - 1]) == 0)
            #expect(try depth() == number)
        }
        let accepted = accept(listening, nil, nil)
        #expect(accepted >= 0)
        #expect(try depth() == 2)
        close(accepted)
    }

    @Test func `what does not listen has no queue`() throws {
        var pair: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
        defer { pair.forEach { close($0) } }
        #expect(ListeningQueue.depth(of: pair[0]) == nil)
        #expect(ListeningQueue.depth(of: -1) == nil)
        let file = open("/dev/null", O_RDONLY)
        defer { close(file) }
        #expect(ListeningQueue.depth(of: file) == nil)
    }
}
