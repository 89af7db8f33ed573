internal import CGatehouseSystem
internal import GatehouseConfiguration
public import GatehousePlan
internal import GatehouseSystem
internal import Glibc

extension ListeningSocket {
    /// A Unix socket that an earlier process opened for this endpoint and systemd has kept (``ServiceNotifier/store``),
    /// with the connections that wait in it. The file is again ours to remove.
    ///
    /// `nil` if no client could reach it any more: its file was removed, or is another socket's. Then forget the kept
    /// one and ``open(_:settings:)`` the endpoint anew. The descriptor stays the caller's if the result is `nil`.
    public static func kept(_ endpoint: Endpoint, descriptor: Int32) -> ListeningSocket? {
        file(of: descriptor, isAt: endpoint).map {
            ListeningSocket(endpoint: endpoint, descriptor: descriptor, file: $0)
        }
    }

    /// The socket file through which an endpoint reaches this very descriptor; `nil` if it does not.
    static func file(of descriptor: Int32, isAt endpoint: Endpoint) -> OwnFile? {
        guard case .unix(let wanted) = endpoint.address else { return nil }
        var inode: UInt32 = 0
        var buffer = [CChar](repeating: 0, count: UnixAddress.longestPath + 2)
        guard gatehouse_socket_file(descriptor, &inode, &buffer, buffer.count) == 0 else { return nil }
        let path = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var status = stat()
        let absolute = Paths.absolute(wanted)
        guard path == wanted || path == absolute || isBeside(path, absolute), lstat(absolute, &status) == 0,
            status.st_mode & S_IFMT == S_IFSOCK, UInt32(truncatingIfNeeded: status.st_ino) == inode
        else {
            return nil
        }
        return OwnFile(path: absolute, device: UInt(status.st_dev), inode: UInt(status.st_ino))
    }
}
