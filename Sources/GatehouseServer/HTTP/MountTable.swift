/// Which handler answers under which path prefix; the longest prefix wins.
package struct MountTable: Sendable {
    package struct Mount: Sendable {
        /// `/blog`, or empty for the root: what a module puts before its own paths to make links.
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

    /// Whether requests for the mount `path` reach the module that was mounted there, and there is only one.
    package func leads(to path: String) -> Bool {
        guard let (mount, _) = resolve(path) else { return false }
        return mount.path == (path == "/" ? "" : path) && mounts.count(where: { $0.path == mount.path }) == 1
    }

    /// The mount under which `target` (a path, and a query where there is one) lies, and the target as the module sees
    /// it. Compared byte by byte: `/BLOG` and `/%62log` are not under `/blog`, and neither is `/blogger`.
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
