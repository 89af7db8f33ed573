import GatehouseSystem
import Glibc
import TestSupport
import Testing

struct UnixAddressTests {
    @Test func `the longest path fits, and one byte more does not`() throws {
        #expect(UnixAddress.longestPath == 107)
        let longest = "/" + String(repeating: "a", count: 106)
        let address = try UnixAddress(path: longest)
        address.withSocketAddress { pointer, length in
            #expect(length == socklen_t(MemoryLayout<sockaddr_un>.size))
            pointer.withMemoryRebound(to: sockaddr_un.self, capacity: 1) { address in
                #expect(address.pointee.sun_family == sa_family_t(AF_UNIX))
                withUnsafeBytes(of: address.pointee.sun_path) { #expect(Array($0) == Array(longest.utf8) + [0]) }
            }
        }
        #expect(throws: UnixAddress.Unusable.tooLong(bytes: 108)) { try UnixAddress(path: longest + "a") }
        #expect(
            UnixAddress.Unusable.tooLong(bytes: 108).description
                == "a socket's path can have 107 bytes, and this one has 108")
        // The limit is one of bytes, not of characters.
        #expect(throws: UnixAddress.Unusable.tooLong(bytes: 108)) {
            try UnixAddress(path: String(repeating: "ä", count: 54))
        }
    }

    @Test func `a path that the kernel would understand otherwise is refused`() {
        #expect(throws: UnixAddress.Unusable.empty) { try UnixAddress(path: "") }
        #expect(throws: UnixAddress.Unusable.containsNUL) { try UnixAddress(path: "/run/a\u{0}b") }
        #expect(throws: UnixAddress.Unusable.containsNUL) { try UnixAddress(path: "\u{0}abstract") }
    }

    @Test func `a socket is bound and reached by its address`() throws {
        let folder = try TemporaryFolder()
        let address = try UnixAddress(path: folder.path + "/a.sock")
        let (listener, client) = (
            socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0), socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        )
        defer {
            close(listener)
            close(client)
        }
        #expect(address.withSocketAddress { bind(listener, $0, $1) } == 0)
        #expect(listen(listener, 1) == 0)
        #expect(address.withSocketAddress { connect(client, $0, $1) } == 0)
        #expect(access(address.path, F_OK) == 0)
    }
}
