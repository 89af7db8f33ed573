import GatehouseConfiguration
import GatehousePlan
@testable import GatehouseSupervisor
import Glibc
import TestSupport
import Testing

/// Users that may connect, by the mode of the file and of the folders above it.
@Suite(.enabled(if: geteuid() == 0)) struct SocketReachTests {
    let folder: TemporaryFolder
    /// Accounts that no machine has.
    private let user: UInt32 = 54_321
    private let group: UInt32 = 54_322

    init() throws {
        folder = try TemporaryFolder()
        #expect(chmod(folder.path, 0o755) == 0)
    }

    private func reach(
        _ mode: UInt32, owner: UInt32 = 0, group: UInt32 = 0, in name: String = "."
    ) throws -> SocketReach {
        var settings = SocketSettings()
        (settings.mode, settings.owner, settings.group) = (mode, owner, group)
        let endpoint = Endpoint(.fastCGI, .unix(path: "\(folder.path)/\(name)/a.sock"))
        let planned = try #require(SocketReach(endpoint, settings: settings))
        let socket = try ListeningSocket.open(endpoint, settings: settings)
        defer { socket.removeFile() }
        #expect(socket.reach == planned, "what is planned is what comes of it")
        return planned
    }

    private func inside(_ mode: UInt32, owner: UInt32 = 0, group: UInt32 = 0) -> String {
        mkdir(folder.path + "/inside", mode)
        #expect(chown(folder.path + "/inside", owner, group) == 0 && chmod(folder.path + "/inside", mode) == 0)
        return "inside"
    }

    @Test func `owner, group or everybody may be let in`() throws {
        #expect(try reach(0o660, group: group) == SocketReach(summary: "0660 root:54322", warning: nil))
        #expect(try reach(0o600, owner: user) == SocketReach(summary: "0600 54321:root", warning: nil))
        #expect(try reach(0o666) == SocketReach(summary: "0666 root:root", warning: nil))
    }

    @Test(arguments: [(0o660, 0), (0o600, 54_322), (0o640, 54_322)] as [(UInt32, UInt32)])
    func `what lets in root alone is warned of`(mode: UInt32, group: UInt32) throws {
        let found = try reach(mode, group: group)
        #expect(found.warning?.hasPrefix("only root may connect: it is \(found.summary): ") == true)
    }

    @Test func `a folder keeps out whom the socket lets in`() throws {
        let found = try reach(0o660, group: group, in: inside(0o750))
        let why = "group 54322 cannot enter \(folder.path)/inside (0750 root:root)"
        #expect(found.summary == "0660 root:54322, but \(why)")
        #expect(found.warning?.hasPrefix("only root may connect: \(why): ") == true)
        #expect(try reach(0o660, group: group, in: inside(0o750, group: group)).warning == nil)
    }

    @Test func `where one of two may connect, that is said and not warned of`() throws {
        let found = try reach(0o660, owner: user, group: group, in: inside(0o700, owner: user))
        #expect(found.summary.contains("but group 54322 cannot enter") && found.warning == nil)
    }

    @Test func `a folder may let in by the group of a user`() throws {
        // An account that the machine does not know has no groups.
        #expect(try reach(0o600, owner: user, in: inside(0o750, group: group)).warning != nil)
        let daemon = try #require(Accounts.account("daemon"))
        #expect(try reach(0o600, owner: daemon.user, in: inside(0o750, group: daemon.group)).warning == nil)
    }

    @Test func `what has no file is nobody's to enter`() {
        #expect(SocketReach(Endpoint(.fastCGI, .tcp(host: "127.0.0.1", port: 9)), settings: SocketSettings()) == nil)
    }
}
