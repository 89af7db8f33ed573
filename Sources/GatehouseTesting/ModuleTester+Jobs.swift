import Gatehouse

extension ModuleTester {
    /// Runs every job of the module that waits and is due, one after the other, those included that are enqueued
    /// meanwhile. Nothing runs by itself in a test.
    /// - Returns: the number of attempts.
    /// - Throws: the first error of a job's handler, when all of them have run.
    @discardableResult
    public func runJobs() async throws -> Int {
        try await served.context.jobRunners.runAll()
    }
}
