import Synchronization

/// Orders what was written for a caller before what he reads once his continuation is resumed.
///
/// A continuation does so by itself; but the thread sanitizer sees nothing of one that is resumed before its task
/// sleeps, and would find a race in every answer.
struct AnswerFence: ~Copyable, Sendable {
    private let isAnswered = Atomic<Bool>(false)

    /// All is written. Comes before the continuation is resumed.
    func close() { isAnswered.store(true, ordering: .releasing) }

    /// The caller is about to read.
    func pass() { _ = isAnswered.load(ordering: .acquiring) }
}
