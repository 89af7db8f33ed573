import GatehouseConfiguration
import GatehousePlan
@testable import GatehouseSupervisor
import Glibc
import TestSupport
import Testing

/// Sockets that systemd kept are used only if a front server would reach them.
@Suite struct KeptSocketTests {
    let folder: TemporaryFolder
    let path: String
    var endpoint: Endpoint { Endpoint(.fastCGI, .unix(path: path)) }

    init() throws {
        folder = try TemporaryFolder()
        path = folder.path + "/a.sock"
    }

    /// The descriptor as another process would have it.
    private func passed(_ socket: ListeningSocket) -> Int32 { dup(socket.descriptor) }

    @Test func `a kept socket is the one that its path leads to, and its file is ours`() throws {
        let first = try ListeningSocket.open(endpoint, settings: SocketSettings())
        let kept = try #require(ListeningSocket.kept(endpoint, descriptor: passed(first)))
        let client = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(client) }
        #expect(withUnixAddress(path) { connect(client, $0, $1) } == 0)
        #expect(ListeningQueue.depth(of: kept.descriptor)?.waiting == 1)
        kept.removeFile()
        #expect(access(path, F_OK) != 0)
    }

    @Test func `a kept socket gets the settings of today`() throws {
        let first = try ListeningSocket.open(endpoint, settings: SocketSettings())
        let passed = InheritedSocket(name: "gatehouse." + path, descriptor: passed(first))
        let table = SocketTable(passed: [passed], notifier: ServiceNotifier(environment: [:], pid: getpid()))
        var settings = SocketSettings()
        settings.mode = 0o600
        try table.open(endpoint, settings: settings)
        var status = stat()
        #expect(lstat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
        #expect(table.sockets(for: endpoint).map(\.descriptor) == [passed.descriptor])
        table.removeFiles()
    }

    @Test func `where a socket unit listens already the message names its socket`() throws {
        let units = try ListeningSocket.open(endpoint, settings: SocketSettings())
        defer { units.removeFile() }
        let notifier = ServiceNotifier(environment: [:], pid: getpid())
        let table = SocketTable(passed: [InheritedSocket(name: "web", descriptor: passed(units))], notifier: notifier)
        let error = #expect(throws: OperatorError.self) { try table.open(endpoint, settings: SocketSettings()) }
        #expect(error?.message.contains("write fastcgi:systemd:web instead") == true)
        #expect(error?.exitStatus == .configuration)
        #expect(access(path, F_OK) == 0)
    }

    @Test func `one whose file is gone is not used`() throws {
        let first = try ListeningSocket.open(endpoint, settings: SocketSettings())
        first.removeFile()
        #expect(ListeningSocket.kept(endpoint, descriptor: first.descriptor) == nil)
    }

    @Test func `one whose file is another's is not used`() throws {
        let first = try ListeningSocket.open(endpoint, settings: SocketSettings())
        // Moved and not removed, so that its inode is not given to the other.
        rename(path, folder.path + "/moved")
        let second = try ListeningSocket.open(endpoint, settings: SocketSettings())
        #expect(ListeningSocket.kept(endpoint, descriptor: first.descriptor) == nil)
        second.removeFile()
    }

    @Test func `one of another endpoint is not used, nor what is no Unix socket`() throws {
        let first = try ListeningSocket.open(endpoint, settings: SocketSettings())
        let other = Endpoint(.fastCGI, .unix(path: folder.path + "/b.sock"))
        #expect(ListeningSocket.kept(other, descriptor: first.descriptor) == nil)
        #expect(ListeningSocket.kept(Endpoint(.scgi, .tcp(host: "::1", port: 9)), descriptor: first.descriptor) == nil)
        let internet = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(internet) }
        #expect(ListeningSocket.kept(endpoint, descriptor: internet) == nil)
        #expect(ListeningSocket.kept(endpoint, descriptor: -1) == nil)
        first.removeFile()
    }
}
