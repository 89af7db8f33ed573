public import Glibc

/// The address of a Unix socket that has a path (unix(7)).
public struct UnixAddress: Hashable, Sendable {
    /// The longest path in bytes: `sun_path` has 108 bytes and ends with a NUL.
    public static let longestPath = MemoryLayout<sockaddr_un>.size - pathOffset - 1

    /// Relative to the current directory if it does not begin with a slash.
    public let path: String

    /// A path that no socket can have.
    public enum Unusable: Error, Hashable, CustomStringConvertible {
        case empty
        case containsNUL
        case tooLong(bytes: Int)

        /// The fault without the path, for a message that names it: `a socket's path can have 107 bytes, and this one
        /// has 120`.
        public var description: String {
            switch self {
            case .empty: "a socket's path cannot be empty"
            case .containsNUL: "a socket's path cannot contain a NUL byte"
            case .tooLong(let bytes):
                "a socket's path can have \(UnixAddress.longestPath) bytes, and this one has \(bytes)"
            }
        }
    }

    /// - Throws: if the kernel would refuse the path or cut it.
    public init(path: String) throws(Unusable) {
        let bytes = path.utf8
        guard !bytes.isEmpty else { throw .empty }
        guard !bytes.contains(0) else { throw .containsNUL }
        guard bytes.count <= Self.longestPath else { throw .tooLong(bytes: bytes.count) }
        self.path = path
    }

    /// Calls `body` with the address in the form that bind(2) and connect(2) take. `errno` is as `body` leaves it.
    public func withSocketAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    private static let pathOffset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
}
