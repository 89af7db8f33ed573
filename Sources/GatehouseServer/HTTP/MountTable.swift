package import HummingbirdCore

/// The handlers by path prefix; the longest prefix wins.
package struct MountTable: Sendable {
    package struct Mount: Sendable {
        /// The path in front of a module's own paths in links: `/blog`, or empty for the root.
        package var path: String
        package var handler: any MountedHandler
    }

    /// Longest first, so that the first match is the right one.
    private let mounts: [Mount]

    package init(_ mounts: [(path: String, handler: any MountedHandler)]) {
        self.mounts =
            mounts
            .map { Mount(path: $0.path == "/" ? "" : $0.path, handler: $0.handler) }
            .sorted { $0.path.utf8.count > $1.path.utf8.count }
    }

    /// Whether requests for the mount `path` reach the module that was mounted there, and only one was.
    package func leads(to path: String) -> Bool {
        guard let (mount, _) = resolve(path) else { return false }
        return mount.path == (path == "/" ? "" : path) && mounts.count(where: { $0.path == mount.path }) == 1
    }

    /// The mount under which `target` (a path, perhaps with a query) lies, and the target as the module sees it. Paths
    /// are compared byte by byte: `/BLOG` and `/%62log` are not under `/blog`, and neither is `/blogger`.
    package func resolve(_ target: String) -> (mount: Mount, target: String)? {
        for mount in mounts {
            if mount.path.isEmpty { return (mount, target) }
            guard target.utf8.starts(with: mount.path.utf8) else { continue }
            let rest = target.utf8.dropFirst(mount.path.utf8.count)
            switch rest.first {
            case nil: return (mount, "/")
            case UInt8(ascii: "/"): return (mount, String(Substring(rest)))
            case UInt8(ascii: "?"): return (mount, "/" + String(Substring(rest)))
            default: continue
            }
        }
        return nil
    }
}

/// The handler of the requests of one mount. A class, because every request holds on to its handler: one reference is
/// counted faster than the parts of a struct.
package protocol MountedHandler: AnyObject, Sendable {
    /// The module's name, for logs.
    var name: String { get }
    /// The threads on which it runs.
    var execution: HandlerExecution { get }
    func respond(to request: Request, gateway: GatewayRequest) async throws -> Response
}

/// The threads on which a module's handlers run.
public enum HandlerExecution: Sendable {
    /// The event loop of the request's connection: no thread hop at all, for handlers that wait by `await` and compute
    /// little. A handler that blocks here stops every other request of its event loop.
    case eventLoop
    /// Swift's global pool, which has as many threads as the machine has cores: for handlers that compute.
    case concurrent
    /// A pool of threads that may be blocked: for handlers that call libraries which block.
    case blocking
}
