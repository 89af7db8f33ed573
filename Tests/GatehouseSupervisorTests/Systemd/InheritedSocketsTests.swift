import GatehousePlan
@testable import GatehouseSupervisor
import Glibc
import TestSupport
import Testing

/// Row E8: the rules of sd_listen_fds(3), and breaches of them.
@Suite(.serialized) struct InheritedSocketsTests {
    /// The first passed descriptor in these tests: near the end of what a process may open, since the tests beside
    /// these take the lowest numbers that are free.
    private static let first: Int32 = {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int32(min(limit.rlim_cur, 65_536)) - 16
    }()

    private func listen(_ domain: Int32 = AF_INET, at number: Int32) {
        let made = socket(domain, Int32(SOCK_STREAM.rawValue), 0)
        precondition(made >= 0 && Glibc.listen(made, 5) == 0)
        place(made, at: number)
    }

    private func place(_ descriptor: Int32, at number: Int32) {
        // Never dup2(2): it would close what somebody else has under that number.
        precondition(fcntl(descriptor, F_DUPFD, number) == number)
        close(descriptor)
    }

    private func take(
        _ environment: [String: String], processID: UInt64? = nil
    ) throws(OperatorError) -> [InheritedSocket] {
        try InheritedSockets.take(environment: environment, pid: 10, processID: processID, first: Self.first)
    }

    private func closesOnExec(_ descriptor: Int32) -> Bool { fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0 }

    @Test func `sockets come in order, with their names, closed on exec`() throws {
        let numbers = [Self.first, Self.first + 1, Self.first + 2]
        for (number, domain) in zip(numbers, [AF_INET, AF_INET6, AF_INET]) { listen(domain, at: number) }
        defer { numbers.forEach { close($0) } }
        let passed = try take(["LISTEN_PID": "10", "LISTEN_FDS": "3", "LISTEN_FDNAMES": "web:admin:web"])
        #expect(passed == zip(["web", "admin", "web"], numbers).map { InheritedSocket(name: $0, descriptor: $1) })
        #expect(numbers.allSatisfy(closesOnExec))
    }

    @Test func `a Unix socket is taken, without a name too`() throws {
        let folder = try TemporaryFolder()
        let made = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        #expect(withUnixAddress(folder.path + "/a.sock") { bind(made, $0, $1) } == 0)
        #expect(Glibc.listen(made, 5) == 0)
        place(made, at: Self.first)
        defer { close(Self.first) }
        #expect(
            try take(["LISTEN_PID": "10", "LISTEN_FDS": "1"])
                == [InheritedSocket(name: "unknown", descriptor: Self.first)])
    }

    @Test(arguments: [
        ["LISTEN_FDS": "1"], ["LISTEN_PID": "11", "LISTEN_FDS": "1"], ["LISTEN_PID": "", "LISTEN_FDS": "1"],
        ["LISTEN_PID": "ten", "LISTEN_FDS": "999999"], ["LISTEN_PID": "10"], [:],
        ["LISTEN_PID": "10", "LISTEN_FDS": "1", "LISTEN_PIDFDID": "78"],
        ["LISTEN_PID": "10", "LISTEN_FDS": "1", "LISTEN_PIDFDID": "x"],
    ])
    func `what was passed to another process is left alone`(environment: [String: String]) throws {
        listen(at: Self.first)
        defer { close(Self.first) }
        #expect(try take(environment, processID: 77).isEmpty)
        #expect(!closesOnExec(Self.first))
    }

    @Test(arguments: [77, nil] as [UInt64?])
    func `a process number that fits, or that the kernel does not have, stands in nobody's way`(own: UInt64?) throws {
        listen(at: Self.first)
        defer { close(Self.first) }
        let environment = ["LISTEN_PID": "10", "LISTEN_FDS": "1", "LISTEN_PIDFDID": "77"]
        #expect(try take(environment, processID: own).count == 1)
    }

    @Test(arguments: ["-1", "0", "3x", "", " 1", "+1", "1.0", "99999999999999999999", "2147483647"])
    func `a number that is none is refused`(number: String) {
        let error = #expect(throws: OperatorError.self) { try take(["LISTEN_PID": "10", "LISTEN_FDS": number]) }
        #expect(error?.message.contains("LISTEN_FDS is \"\(number)\"") == true)
        #expect(error?.message.contains(".socket unit") == true)
        #expect(error?.exitStatus == .configuration)
    }

    @Test(arguments: ["2", "999999"])
    func `more sockets than there are is refused, and names the first that is missing`(number: String) {
        listen(at: Self.first)
        defer { close(Self.first) }
        let error = #expect(throws: OperatorError.self) { try take(["LISTEN_PID": "10", "LISTEN_FDS": number]) }
        #expect(error?.message.contains("descriptor \(Self.first + 1) (\"unknown\"), which is not open") == true)
    }

    @Test(arguments: ["web", "web:admin:more", ""])
    func `names that do not match the sockets are refused`(names: String) {
        listen(at: Self.first)
        listen(at: Self.first + 1)
        defer { [Self.first, Self.first + 1].forEach { close($0) } }
        let error = #expect(throws: OperatorError.self) {
            try take(["LISTEN_PID": "10", "LISTEN_FDS": "2", "LISTEN_FDNAMES": names])
        }
        #expect(error?.message.contains("names for 2 sockets") == true)
    }

    @Test func `a descriptor that cannot be listened on is refused by name`() throws {
        func refused(_ problem: String, _ descriptor: Int32) {
            place(descriptor, at: Self.first)
            defer { close(Self.first) }
            let error = #expect(throws: OperatorError.self) {
                try take(["LISTEN_PID": "10", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "web\u{1B}"])
            }
            let message = error?.message ?? ""
            #expect(message.contains("descriptor \(Self.first) (\"web\\x1b\") \(problem)"))
            #expect(message.contains("ListenStream=") && message.contains("Accept=no"))
            #expect(closesOnExec(Self.first))
        }
        refused("is not a socket", open("/dev/null", O_RDONLY))
        refused("is not a stream socket", socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0))
        refused("is not a stream socket", socket(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0))
        refused("is not a stream socket", socket(AF_NETLINK, Int32(SOCK_RAW.rawValue), 0))
        var pair: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
        refused("is a socket that does not listen", pair[0])
        close(pair[1])
    }
}
