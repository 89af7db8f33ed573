/// The threads of one kind for one file, and the jobs that wait for them: first come, first served. Under the file's
/// lock.
final class SQLiteCrew: @unchecked Sendable {
    enum Role {
        /// Threads that only read, each for itself.
        case readers
        /// One thread that writes.
        case writer
    }

    let role: Role
    /// The most threads.
    let limit: Int
    var jobs = SQLiteJobQueue()
    var threads: [SQLiteThread] = []
    /// Those that sleep, the one that worked last at the end.
    var idle: [SQLiteThread] = []
    /// The number of those that somebody has for himself.
    var leased = 0

    init(_ role: Role, limit: Int) {
        self.role = role
        self.limit = limit
    }

    /// A thread that has to be woken or started.
    enum Wanted {
        case none
        case ring(SQLiteThread)
        case start(SQLiteThread)
    }

    /// Decides whether the waiting jobs need one more thread. One that works takes them sooner than a sleeping one
    /// wakes, if its statements are quick.
    /// - Parameter isLate: whether a job has waited longer than that, after all.
    func wanted(in file: SQLiteFile, isLate: Bool = false) -> Wanted {
        guard !jobs.isEmpty else { return .none }
        var quick = 0
        for thread in threads where thread.isQuick { quick += 1 }
        if quick > 0, !isLate, jobs.count < 8 * quick { return .none }
        if let thread = idle.popLast() {
            thread.mood = .awake
            return .ring(thread)
        }
        guard threads.count < limit else { return .none }
        let thread = SQLiteThread(file, self)
        threads.append(thread)
        return .start(thread)
    }

    /// Somebody for `.exhausted`: who holds the threads.
    func holders(now: Int64) -> String {
        let leases = threads.compactMap(\.lease)
        guard let oldest = leases.map(\.since).min() else { return "statements that run" }
        let seconds = Double((now - oldest) / 100_000_000) / 10
        return "\(leases.count) transaction\(leases.count == 1 ? "" : "s") or streams, the longest for \(seconds) s"
    }
}
