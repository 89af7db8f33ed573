public import FoundationEssentials

/// A job that has failed for good, and waits for somebody to look at it.
public struct DeadJob: Sendable, Equatable, Decodable {
    /// The job's id.
    public let id: UUID
    /// The name of its kind.
    public let kind: String
    /// The job as JSON.
    public let payload: String
    /// The times that it was tried.
    public let attempts: Int
    /// The last attempt's error.
    public let error: String
    /// The moment at which it was enqueued.
    public let created: Date
    /// The moment of the last attempt's end.
    public let died: Date
}

extension Jobs {
    /// Looks at dead jobs, those that died last first.
    public func dead(atMost count: Int = 100) async throws -> [DeadJob] {
        try await store.dead(atMost: max(0, min(count, 10_000)))
    }

    /// Has a dead job tried again, with all its attempts.
    /// - Returns: whether there is such a dead job.
    @discardableResult
    public func retry(_ id: UUID) async throws -> Bool {
        guard try await store.revive(id) else { return false }
        work.noteDue(.after(.zero))
        return true
    }

    /// Deletes a job that is dead or waits.
    /// - Returns: whether there was one. A job that runs is not deleted.
    @discardableResult
    public func delete(_ id: UUID) async throws -> Bool {
        try await store.delete(id)
    }
}
