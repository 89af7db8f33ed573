import GatehouseConfiguration
import GatehousePlan
@testable import GatehouseSupervisor
import Glibc
import TestSupport
import Testing

/// A socket that is opened beside one that serves, and takes its place.
struct BesideTests {
    private static func connects(to path: String) -> Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        return withUnixAddress(path) { connect(descriptor, $0, $1) } == 0
    }

    private static func isWaited(for socket: ListeningSocket) -> Bool {
        (ListeningQueue.depth(of: socket.descriptor)?.waiting ?? 0) > 0
    }

    @Test func `clients find the one or the other, and never none`() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/p.sock"
        var settings = SocketSettings()
        settings.mode = 0o600
        let old = try ListeningSocket.open(try Endpoint(parsing: "http:\(path)"), settings: settings)
        let new = try #require(old.openBeside(generation: 2, settings: settings))
        #expect(new.ownPath == "\(path).g2")
        #expect(Self.connects(to: path) && Self.isWaited(for: old) && !Self.isWaited(for: new))
        try new.takePlace(of: old)
        #expect(new.ownPath == path && old.ownPath == nil)
        #expect(Self.connects(to: path) && Self.isWaited(for: new))
        old.removeFile()
        #expect(Self.connects(to: path), "the file is the new one's")
        new.removeFile()
        #expect(access(path, F_OK) != 0)
    }

    @Test func `it takes the place of a file that is gone, and of nobody else's`() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/p.sock"
        let endpoint = try Endpoint(parsing: "http:\(path)")
        let old = try ListeningSocket.open(endpoint, settings: SocketSettings())
        let new = try #require(old.openBeside(generation: 2, settings: SocketSettings()))
        unlink(path)
        let another = try ListeningSocket.open(endpoint, settings: SocketSettings())
        #expect(throws: OperatorError.self) { try new.takePlace(of: old) }
        #expect(Self.connects(to: path) && Self.isWaited(for: another))
        another.removeFile()
        try new.takePlace(of: old)
        #expect(Self.connects(to: path) && Self.isWaited(for: new))
    }

    @Test func `a socket that has taken another one's place is known again where it was kept`() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/p.sock"
        let endpoint = try Endpoint(parsing: "http:\(path)")
        let old = try ListeningSocket.open(endpoint, settings: SocketSettings())
        let new = try #require(old.openBeside(generation: 17, settings: SocketSettings()))
        let copy = dup(new.descriptor)
        #expect(ListeningSocket.kept(endpoint, descriptor: copy) == nil, "not before")
        try new.takePlace(of: old)
        let kept = try #require(ListeningSocket.kept(endpoint, descriptor: copy))
        #expect(kept.ownPath == path)
    }

    @Test func `one that is passed, or bound to a port, has no place beside it`() throws {
        let endpoint = try Endpoint(parsing: "http:127.0.0.1:1")
        let socket = ListeningSocket(endpoint: endpoint, descriptor: dup(0))
        #expect(socket.openBeside(generation: 2, settings: SocketSettings()) == nil)
    }

    @Test(arguments: [("/p.g2", true), ("/p.g", false), ("/p.gx", false), ("/p.h2", false), ("/p", false)])
    func `only such a name counts`(bound: String, isBeside: Bool) {
        #expect(ListeningSocket.isBeside(bound, "/p") == isBeside)
    }
}
