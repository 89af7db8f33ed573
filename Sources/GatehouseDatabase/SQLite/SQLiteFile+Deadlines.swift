import GatehouseServer
import GatehouseSystem
import Synchronization

/// Deadlines: ten times a second, for as long as there is work, somebody looks at those who wait and at what runs. The
/// threads cannot: they may all be inside a long statement.
extension SQLiteFile {
    private static let interval = Duration.milliseconds(100)

    /// Whether the caller has to call ``lookLater()``. Under the lock.
    func orderLook(_ now: Int64) -> Bool {
        // A loop that has ended never looks: then another one does.
        guard lookOrderedAt == 0 || now - lookOrderedAt > 1_000_000_000 else { return false }
        lookOrderedAt = now
        return true
    }

    /// Looks after the interval, on the caller's loop or the background one.
    func lookLater() {
        if let loop = HandlerLoop.current {
            loop.after(Self.interval) { self.look() }
        } else if let loop = try? HandlerLoop.background() {
            loop.run { loop.after(Self.interval) { self.look() } }
        } else {
            lock.withLock { lookOrderedAt = 0 }
        }
    }

    private func look() {
        let now = MonotonicClock.nanoseconds()
        var expired: [(SQLiteJob, String)] = []
        var wanted: [SQLiteCrew.Wanted] = []
        let isBusy = lock.withLock {
            var isBusy = false
            for crew in [readers, writer] {
                let late = crew.jobs.removeAll { now - $0.queuedAt > wait }
                if !late.isEmpty {
                    let holders = crew.holders(now: now)
                    expired += late.map { ($0, holders) }
                }
                wanted.append(crew.wanted(in: self, isLate: true))
                for thread in crew.threads {
                    guard let job = thread.current else { continue }
                    isBusy = true
                    if job.isStopped || now > thread.limit.load(ordering: .relaxed) { thread.interrupt(job) }
                }
                if !crew.jobs.isEmpty || crew.leased > 0 { isBusy = true }
            }
            lookOrderedAt = isBusy ? now : 0
            return isBusy
        }
        for (job, holders) in expired { job.deliver(.failure(exhausted(job, holders))) }
        for one in wanted { satisfy(one) }
        if isBusy { lookLater() }
    }

    private func exhausted(_ job: SQLiteJob, _ holders: String) -> DatabaseError {
        DatabaseError(
            .exhausted,
            """
            \(location.description) had no free thread within wait (\(settings.wait.brief)): \(holders) keep it. \
            Make them shorter, or raise `connections` if it is reads that wait
            """, statement: job.written)
    }
}
