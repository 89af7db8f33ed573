import FoundationEssentials
import GatehouseDatabase
import GatehouseWeb

/// Work that nobody at a browser waits for. Any worker does it, and another one if that dies.
struct BackgroundWork: Sendable {
    /// Makes the thumbnail of an entry's picture.
    struct MakeThumbnail: Job {
        var entry: UUID
    }

    /// Tells the guestbook's owner of an entry.
    struct TellOwner: Job {
        var entry: UUID
    }

    let jobs: Jobs
    let store: EntryStore
    let pictures: Pictures
    let letters: Letters?

    /// Says what is done for each kind of job. An entry that was deleted before its job came needs nothing any more.
    func register() {
        jobs.handle(MakeThumbnail.self, attempts: 5, timeout: .seconds(60)) { job, _ in
            // It may have been deleted meanwhile, and then its picture was, too: the job is done.
            guard try await store.entry(job.entry) != nil else { return try await pictures.removeAll(of: job.entry) }
            let outcome = try await pictures.makeThumbnail(of: job.entry)
            let isThere = try await store.set(outcome, of: job.entry)
            // Or at this moment.
            try await isThere ? pictures.removeUpload(of: job.entry) : pictures.removeAll(of: job.entry)
        }
        jobs.handle(TellOwner.self) { job, _ in
            guard let entry = try await store.entry(job.entry) else { return }
            try await letters?.send(about: entry)
        }
    }

    /// Orders what an entry needs, in the transaction that adds it: both are there, or neither.
    nonisolated(nonsending) func order(for entry: Entry, in transaction: Transaction) async throws {
        if entry.picture == .waiting { try await jobs.enqueue(MakeThumbnail(entry: entry.id), in: transaction) }
        if letters != nil { try await jobs.enqueue(TellOwner(entry: entry.id), in: transaction) }
    }
}
