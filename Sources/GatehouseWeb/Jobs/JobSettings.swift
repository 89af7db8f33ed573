/// The ways in which a worker does jobs. The defaults suit most modules.
public struct JobSettings: Sendable, Equatable {
    /// The most jobs that one worker runs at a time. 0: this module enqueues and runs none.
    public var concurrency = 4
    /// The time after which a job is another worker's, if the one that runs it is not heard of. It says so every third
    /// part of that.
    public var lease = Duration.seconds(60)
    /// The time between two looks at the table, each of them one statement: for jobs of other workers and their counts.
    /// Jobs that this worker enqueues are found at once.
    public var interval = Duration.seconds(5)
    /// Whether an idle worker keeps a connection of PostgreSQL open to hear at once of jobs that busy workers enqueue.
    public var listens = true
    /// The time for which dead jobs are kept.
    public var keepsDead = Duration.seconds(30 * 86_400)

    /// Makes settings with the defaults.
    public init() {}

    /// With values that make sense.
    var bounded: JobSettings {
        func bound(_ time: Duration, _ least: Duration, _ most: Duration) -> Duration { max(least, min(time, most)) }
        var settings = self
        settings.concurrency = max(0, min(concurrency, 1_000))
        settings.lease = bound(lease, .milliseconds(300), .seconds(86_400))
        settings.interval = bound(interval, .milliseconds(20), .seconds(3_600))
        settings.keepsDead = bound(keepsDead, .seconds(1), .seconds(3_650 * 86_400))
        return settings
    }
}

/// The times between a job's attempts.
public struct JobBackoff: Sendable, Equatable {
    var first: Duration
    var factor: Double
    var longest: Duration

    /// Each wait is the last one times `factor`, up to `longest`, give or take a quarter, so that jobs which have
    /// failed together do not come together again.
    ///
    /// The default is ten seconds, twenty, and so on up to six hours; fifteen attempts take about a day.
    public static func exponential(
        first: Duration = .seconds(10), factor: Double = 2, longest: Duration = .seconds(21_600)
    ) -> JobBackoff {
        JobBackoff(first: first, factor: factor, longest: longest)
    }

    /// The same wait before each attempt, give or take a quarter.
    public static func constant(_ wait: Duration) -> JobBackoff {
        JobBackoff(first: wait, factor: 1, longest: wait)
    }

    /// The wait after so many attempts, from 1.
    /// - Parameter jitter: from 0 to 1, at random.
    func wait(after attempts: Int, jitter: Double = .random(in: 0...1)) -> Duration {
        let longest = min(self.longest.asMilliseconds, 86_400_000 * 366)
        var wait = max(0, min(first.asMilliseconds, longest))
        for _ in 1..<max(1, min(attempts, 1_000)) where wait < longest {
            wait = Int64(min(Double(wait) * max(1, factor), Double(longest)))
        }
        return .milliseconds(Int64(Double(wait) * (0.75 + 0.5 * jitter)))
    }
}

extension Duration {
    /// Whole milliseconds, rounded up and bounded, so that sums with moments do not overflow.
    var asMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let most: Int64 = 1 << 50
        guard seconds < most / 1_000 else { return most }
        guard seconds > -most / 1_000 else { return -most }
        return seconds * 1_000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }

    /// Nanoseconds, bounded, so that sums with moments of the monotonic clock do not overflow.
    var boundedNanoseconds: Int64 { max(0, min(asMilliseconds, 1 << 40)) * 1_000_000 }
}
