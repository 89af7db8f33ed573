internal import Glibc

/// The number of descriptors that this process may have (RLIMIT_NOFILE, getrlimit(2)).
public enum DescriptorLimit {
    /// Raises the soft limit to the hard one. The usual soft limit of 1,024 protects programs that use select(2), which
    /// we do not; a connection is one descriptor, and a worker several of its supervisor's. A failure leaves the limit
    /// as it is, and is ignored.
    public static func raise() {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur != limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(resource, &limit)
    }
}
