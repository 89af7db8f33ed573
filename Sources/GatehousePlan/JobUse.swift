/// A look at one queue of a module's jobs: by one worker, as that reports it, or by several.
///
/// A worker's report is hostile input: see ``bounded``.
public struct JobUse: Codable, Equatable, Sendable {
    /// The module's name.
    public var module: String
    /// The name of the queue.
    public var queue: String
    /// Jobs that wait, in the whole database; ``most`` also stands for more.
    public var pending = 0
    /// Jobs that run, in the whole database.
    public var running = 0
    /// Jobs that have failed for good.
    public var dead = 0
    /// The time for which the oldest of those that wait could have run, in milliseconds.
    public var oldest = 0
    /// The moment of these counts by the database's clock, in milliseconds since 1970; 0 if nobody has looked yet.
    public var moment = 0
    /// Jobs that run in this worker, and that it has done since its start, and attempts that have failed.
    public var active = 0
    public var done = 0
    public var failed = 0

    public init(module: String, queue: String) {
        self.module = module
        self.queue = queue
    }

    /// The most jobs that are counted: a count reads as many rows of an index.
    public static let most = 10_000
    /// The most queues of a worker that are looked at.
    public static let mostQueues = 32

    /// The same with texts that fit a line, and numbers that can be added without overflow. Bounded again, it stays the
    /// same.
    public var bounded: JobUse {
        func number(_ number: Int) -> Int { max(0, min(number, 1 << 50)) }
        // Cut twice, because the escapes of the first time make a text longer.
        func text(_ text: String) -> String { text.printable(atMost: 100).printable(atMost: 100) }
        var use = JobUse(module: text(module), queue: text(queue))
        use.pending = number(pending)
        use.running = number(running)
        use.dead = number(dead)
        use.oldest = number(oldest)
        use.moment = number(moment)
        use.active = number(active)
        use.done = number(done)
        use.failed = number(failed)
        return use
    }

    /// Those of several workers, for each module and queue in the order in which they first appear. The database's
    /// counts are those of the latest look; what each worker has done is added up.
    public static func totals(_ uses: some Sequence<JobUse>) -> [JobUse] {
        var totals: [JobUse] = []
        for use in uses {
            guard let index = totals.firstIndex(where: { $0.module == use.module && $0.queue == use.queue }) else {
                totals.append(use)
                continue
            }
            var latest = use.moment > totals[index].moment ? use : totals[index]
            latest.active = totals[index].active + use.active
            latest.done = totals[index].done + use.done
            latest.failed = totals[index].failed + use.failed
            totals[index] = latest
        }
        return totals
    }
}
