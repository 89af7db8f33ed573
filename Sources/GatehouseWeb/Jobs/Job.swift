public import FoundationEssentials
public import GatehouseDatabase
public import Logging

/// A kind of work that is done later, by some worker, at least once: a value that has what the work needs.
///
/// ```swift
/// struct SendWelcome: Job {
///     var user: UUID
/// }
/// ```
///
/// It is kept as JSON, so that it has keys of rows and not the rows themselves: they may have changed by the time at
/// which it runs. A worker of the next version must be able to read what this one has written: new properties are
/// optional.
public protocol Job: Codable, Sendable {
    /// The name by which the database knows the kind: by default that of the type. It never changes while there are
    /// such jobs, so a type that is renamed says its old name here. At most 100 bytes.
    static var name: String { get }
}

extension Job {
    /// The type's name.
    public static var name: String { "\(Self.self)" }
}

/// A job that runs, for its handler.
public struct JobContext: Sendable {
    /// The job's id, the same in every attempt: the key with which another service tells a repetition from a second
    /// order.
    public let id: UUID

    /// The attempts so far, this one included: 1 at first.
    public let attempt: Int

    /// Whether the job is dead if this attempt fails.
    public let isLastAttempt: Bool

    /// The moment at which a schedule's run was due; `nil` for a job that was enqueued.
    public let scheduledAt: Date?

    /// The module's logger, with the job's kind and id.
    public let logger: Logger

    let run: JobRun
    let store: JobStore

    /// Takes the job off the database in a transaction of the handler's own: then its other statements are carried out
    /// exactly once, because they are committed with it or not at all. The transaction's last statement: the lease is
    /// not renewed after it.
    ///
    /// ```swift
    /// jobs.handle(Charge.self) { job, context in
    ///     try await database.transaction { transaction in
    ///         try await transaction.execute("UPDATE account SET balance = balance - 1 WHERE id = \(job.account)")
    ///         try await context.complete(in: transaction)
    ///     }
    /// }
    /// ```
    /// - Throws: ``JobError`` if the job is another worker's by now, because this one was held up for longer than its
    ///   lease. The transaction must be rolled back then, which an error that is let through does.
    public func complete(in transaction: Transaction) async throws {
        run.markCompleting()
        guard try await store.remove(run.claimed, in: transaction) else { throw JobError.lost }
        transaction.afterCommit { [run] in run.markCompleted() }
    }
}

/// An error with which a handler says what becomes of its job. Any other error means that it is tried again.
public struct JobFailure: Error, Sendable, CustomStringConvertible {
    enum Consequence: Sendable, Equatable {
        case dies
        case runsAgain(after: Duration)
    }

    let consequence: Consequence

    /// The reason, for the log and for ``Jobs/dead(atMost:)``.
    public let description: String

    /// Trying again would not help: the job is dead at once.
    public static func permanent(_ reason: String) -> JobFailure {
        JobFailure(consequence: .dies, description: reason)
    }

    /// The job is tried again after this time, in place of the usual one: another service has said when. It counts as
    /// an attempt.
    public static func again(after delay: Duration, _ reason: String) -> JobFailure {
        JobFailure(consequence: .runsAgain(after: delay), description: reason)
    }
}

/// An error in the use of ``Jobs``.
public struct JobError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The fault.
    public let description: String

    init(_ description: String) { self.description = description }

    static let lost = JobError(
        "the job is another worker's by now: this one was held up for longer than the job's lease")
}
