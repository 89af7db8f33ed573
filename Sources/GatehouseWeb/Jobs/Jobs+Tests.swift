extension Jobs {
    /// Runs every job that waits and is due, one after the other, those included that are enqueued meanwhile: for
    /// tests, in which nothing runs by itself.
    ///
    /// ```swift
    /// try await ModuleTester.run(Shop.self, database: .sqlite) { shop in
    ///     _ = try await shop.post("/orders", text: "item=1")
    ///     #expect(try await shop.runJobs() == 1)
    /// }
    /// ```
    /// - Returns: the number of attempts.
    /// - Throws: the first error of a handler, when all of them have run. The job waits for its next attempt, or is
    ///   dead, as ever.
    @discardableResult
    public func runAll() async throws -> Int {
        var count = 0
        var failure: (any Error)?
        while let job = try await store.claim(atMost: 1, kinds: work.kinds, lease: settings.lease).first {
            let run = JobRun(job)
            work.begin(run)
            let error = await perform(run)
            failure = failure ?? error
            count += 1
        }
        if let failure { throw failure }
        return count
    }
}
