import GatehouseConfiguration
import GatehousePlan
@testable import GatehouseSupervisor
import Glibc
import TestSupport
import Testing

/// Sockets are never open to more than they should be (rows C4, E5), and nothing is removed that is not ours (row E5).
@Suite(.serialized) struct ListeningSocketTests {
    let folder: TemporaryFolder
    var path: String { folder.path + "/a.sock" }
    var endpoint: Endpoint { Endpoint(.fastCGI, .unix(path: path)) }

    init() throws { folder = try TemporaryFolder() }

    private func open(_ settings: SocketSettings = SocketSettings()) throws -> ListeningSocket {
        try ListeningSocket.open(endpoint, settings: settings)
    }

    private func status(_ path: String) -> stat? {
        var status = stat()
        return lstat(path, &status) == 0 ? status : nil
    }

    @Test(arguments: [0o660, 0o600, 0o666, 0o640] as [UInt32])
    func `a socket has the mode that was asked for, whatever the umask is`(mode: UInt32) throws {
        let before = umask(0)
        defer { umask(before) }
        var settings = SocketSettings()
        settings.mode = mode
        let socket = try open(settings)
        #expect(status(path)?.st_mode == S_IFSOCK | mode)
        #expect(umask(0) == 0)
        socket.removeFile()
        #expect(status(path) == nil)
    }

    @Test(.enabled(if: geteuid() == 0)) func `owner and group are set`() throws {
        var settings = SocketSettings()
        settings.owner = 33
        settings.group = 34
        let socket = try open(settings)
        let found = try #require(status(path))
        #expect((found.st_uid, found.st_gid) == (33, 34))
        #expect(found.st_mode & 0o777 == 0o660)
        socket.removeFile()
    }

    // MARK: Other settings for an open socket

    @Test func `another mode is set on the file that is there`() throws {
        let socket = try open()
        let before = try #require(status(path))
        var settings = SocketSettings()
        for mode in [0o600, 0o666, 0o660] as [UInt32] {
            settings.mode = mode
            try socket.apply(settings)
            #expect(status(path)?.st_mode == S_IFSOCK | mode)
        }
        #expect(status(path)?.st_ino == before.st_ino)
        socket.removeFile()
    }

    @Test(.enabled(if: geteuid() == 0)) func `other owners are set, and none where none are named any more`() throws {
        let socket = try open()
        let before = try #require(status(path))
        var settings = SocketSettings()
        (settings.owner, settings.group) = (33, 34)
        try socket.apply(settings)
        #expect(try #require(status(path)).st_uid == 33 && status(path)?.st_gid == 34)
        try socket.apply(SocketSettings())
        #expect(status(path)?.st_uid == before.st_uid && status(path)?.st_gid == before.st_gid)
        #expect(status(path)?.st_mode == S_IFSOCK | 0o660)
        socket.removeFile()
    }

    @Test func `a file that took our socket's place keeps its mode`() throws {
        let first = try open()
        rename(path, folder.path + "/moved")
        let second = try open()
        var settings = SocketSettings()
        settings.mode = 0o600
        try first.apply(settings)
        #expect(status(path)?.st_mode == S_IFSOCK | 0o660)
        second.removeFile()
        symlink(folder.path + "/moved", path)
        try first.apply(settings)
        #expect(status(folder.path + "/moved")?.st_mode == S_IFSOCK | 0o660)
    }

    // MARK: Sockets that nobody reaches

    @Test func `a file that is gone, or another's, is noticed`() throws {
        let socket = try open()
        #expect(!socket.isLost && socket.problem == nil && socket.reach != nil)
        rename(path, folder.path + "/moved")
        #expect(socket.isLost && socket.problem?.contains("its socket file is gone") == true && socket.reach == nil)
        try folder.write([1], to: "a.sock")
        #expect(socket.isLost && socket.problem?.contains("another file has taken the place") == true)
        unlink(path)
        let other = try open()
        #expect(socket.isLost && !other.isLost)
        other.removeFile()
    }

    @Test func `a socket is made anew for a trial, and the old one comes back where that fails`() throws {
        let table = SocketTable(passed: [], notifier: ServiceNotifier(environment: [:], pid: 1))
        try table.open(endpoint, settings: SocketSettings())
        let old = try #require(table.sockets(for: endpoint).first)
        try table.renew(endpoint, settings: SocketSettings())
        #expect(table.renewed.isEmpty, "there is nothing to be renewed")
        unlink(path)
        try table.renew(endpoint, settings: SocketSettings())
        let new = try #require(table.sockets(for: endpoint).first)
        #expect(new !== old && table.sockets(for: endpoint, isOnTrial: true).first === new)
        #expect(table.sockets(for: endpoint, isOnTrial: false).first === old, "who serves stays where it is")
        table.giveUpRenewed(table.renewed)
        #expect(table.sockets(for: endpoint).first === old && status(path) == nil)
        try table.renew(endpoint, settings: SocketSettings())
        #expect(table.promote(endpoint).first === old && table.renewed.isEmpty && !table.isLost(endpoint))
        #expect(table.sockets(for: endpoint, isOnTrial: false).first !== old)
        table.removeFiles()
    }

    @Test func `what stops listening refuses, and what waits can still be had from a Unix socket`() throws {
        let ours = try open()
        func connects() -> Int32? {
            let client = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            guard withUnixAddress(path, { connect(client, $0, $1) }) == 0 else {
                close(client)
                return nil
            }
            return client
        }
        let waiting = try #require(connects())
        defer { close(waiting) }
        #expect(fcntl(ours.descriptor, F_GETFL) & O_NONBLOCK == 0)
        ours.stopListening()
        #expect(connects() == nil)
        let accepted = ours.accept()
        #expect(accepted >= 0 && ours.accept() < 0)
        #expect(fcntl(ours.descriptor, F_GETFL) & O_NONBLOCK == 0, "a program may count on it")
        close(accepted)
        ours.removeFile()
    }

    @Test func `a stale socket is replaced`() throws {
        // A process that died left its file: nobody listens, the file is there.
        let dead = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        #expect(withUnixAddress(path) { bind(dead, $0, $1) } == 0)
        close(dead)
        let old = try #require(status(path))
        let socket = try open()
        #expect(status(path)?.st_ino != old.st_ino || status(path)?.st_ctim.tv_nsec != old.st_ctim.tv_nsec)
        socket.removeFile()
    }

    @Test func `a socket on which somebody listens is left alone`() throws {
        let first = try open()
        let error = #expect(throws: OperatorError.self) { try open() }
        #expect(error?.message.contains("another process listens on \(path)") == true)
        #expect(error?.exitStatus == .inputOutput)
        #expect(status(path) != nil)
        first.removeFile()
    }

    @Test func `a file that is no socket is left alone`() throws {
        try folder.write([1], to: "a.sock")
        let error = #expect(throws: OperatorError.self) { try open() }
        #expect(error?.message.contains("is not a socket") == true)
        #expect(status(path)?.st_size == 1)
    }

    @Test func `a link to a stale socket is left alone`() throws {
        let target = folder.path + "/target.sock"
        let dead = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        #expect(withUnixAddress(target) { bind(dead, $0, $1) } == 0)
        close(dead)
        symlink(target, path)
        #expect(throws: OperatorError.self) { try open() }
        #expect(status(target) != nil)
        #expect(status(path) != nil)
    }

    @Test func `a file that took our socket's place is not removed`() throws {
        let socket = try open()
        rename(path, folder.path + "/moved")
        try folder.write([1], to: "a.sock")
        socket.removeFile()
        #expect(status(path)?.st_size == 1)
        #expect(status(folder.path + "/moved") != nil)
    }

    @Test func `a folder that is not there is named`() {
        let endpoint = Endpoint(.fastCGI, .unix(path: folder.path + "/none/a.sock"))
        let error = #expect(throws: OperatorError.self) {
            try ListeningSocket.open(endpoint, settings: SocketSettings())
        }
        #expect(error?.message.contains("make the directory \(folder.path)/none first") == true)
        #expect(ListeningSocket.problem(endpoint, settings: SocketSettings())?.message.contains("/none") == true)
    }

    @Test(arguments: ["0.0.0.0", "::", "192.0.2.1"])
    func `an address that others can reach needs to be allowed`(host: String) {
        let endpoint = Endpoint(.scgi, .tcp(host: host, port: 9))
        #expect(
            ListeningSocket.problem(endpoint, settings: SocketSettings())?.message.contains("--allow-remote") == true)
        var settings = SocketSettings()
        settings.allowsRemote = true
        #expect(ListeningSocket.problem(endpoint, settings: settings) == nil)
    }

    @Test func `an open address that others can reach must go on being allowed`() throws {
        let socket = ListeningSocket(endpoint: Endpoint(.scgi, .tcp(host: "0.0.0.0", port: 9)), descriptor: dup(0))
        var settings = SocketSettings()
        settings.allowsRemote = true
        try socket.apply(settings)
        settings.allowsRemote = false
        let error = #expect(throws: OperatorError.self) { try socket.apply(settings) }
        #expect(error?.message.contains("--allow-remote") == true)
    }

    @Test(arguments: ["127.0.0.1", "127.8.9.10", "::1"])
    func `loopback needs no leave`(host: String) {
        #expect(ListeningSocket.problem(Endpoint(.scgi, .tcp(host: host, port: 9)), settings: SocketSettings()) == nil)
    }

    @Test func `only a socket that listens is taken over`() throws {
        #expect(InheritedSocket.problem(-1) == "is not a socket")
        var pair: [Int32] = [0, 0]
        socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair)
        defer { pair.forEach { close($0) } }
        #expect(InheritedSocket.problem(pair[0]) == "is a socket that does not listen")
        let datagrams = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(datagrams) }
        #expect(InheritedSocket.problem(datagrams) == "is not a stream socket")
        let listening = try open()
        #expect(InheritedSocket.problem(listening.descriptor) == nil)
        listening.removeFile()
    }
}
