import Glibc

/// Lets the worker have as many descriptors as the operator's hard limit allows: a connection is one, and the soft
/// limit of 1,024 is there for programs that use select().
enum DescriptorLimit {
    static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
