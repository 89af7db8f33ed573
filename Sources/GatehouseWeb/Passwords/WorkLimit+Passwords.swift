import Glibc

extension WorkLimit {
    /// The bound that all password hashers of this process share, unless they have their own: one hash for each
    /// processor and at most four, so that scrypt's 128 MiB each are at most 512 MiB in a worker; 64 may wait.
    public static let passwords = WorkLimit(running: min(4, max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))), waiting: 64)
}
