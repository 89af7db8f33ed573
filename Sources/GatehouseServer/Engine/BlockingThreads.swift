import CGatehouseSystem

/// The threads of the process that may be blocked, for one piece of work of a handler that otherwise runs on its event
/// loop: hashing a password, reading a large file, calling a C library that waits.
///
/// ```swift
/// let isRight = try await BlockingThreads.run { try Passwords.verify(password, against: user.hash) }
/// ```
///
/// An event loop serves every connection of its worker. A handler that computes for 100 milliseconds there delays all
/// of them by as much; here it delays nobody. Sixty-four pieces of work run at a time in a process, those of
/// ``HandlerExecution/blocking`` handlers included, and the next ones wait in their order.
///
/// Hashing a password is meant to cost much memory, too: scrypt and Argon2 take 16 to 128 MiB for each hash. A module
/// that takes passwords from anybody should also bound how many it hashes at a time.
public enum BlockingThreads {
    /// Runs `work` on one of these threads, and returns its result to the caller's own thread. From anywhere: handlers,
    /// services, a module's `init`, `swift run` and tests.
    ///
    /// Cancelling the task does not interrupt the work, since nothing can; work that takes long may look at
    /// `Task.isCancelled`. If the work crashes, the crash report names the request.
    /// - Throws: the error of `work`.
    public static func run<Result: Sendable, Failure: Error>(
        _ work: @Sendable () throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        let executor = BlockingExecutor.shared.working(for: currentSlot)
        return try await withTaskExecutorPreference(executor) { () async throws(Failure) -> Result in
            try await perform(work)
        }
    }

    @concurrent private static func perform<Result: Sendable, Failure: Error>(
        _ work: @Sendable () throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        try work()
    }

    /// The slot of the request whose code calls; -1 if that is not known.
    private static var currentSlot: Int32 {
        PollLoop.current?.runningSlot ?? gatehouse_worked_for()
    }
}
