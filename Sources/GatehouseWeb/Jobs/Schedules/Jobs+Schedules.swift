import Logging

extension Jobs {
    /// Has work done again and again, once for all workers, pools and hosts that share the database.
    ///
    /// Its moments are the multiples of the interval since 1970-01-01 00:00 UTC: `.seconds(300)` means at :00, :05 and
    /// so on, and a deployment changes nothing about that. Each makes a job, which is tried again if it fails. While
    /// that job waits or runs, no further one is made: no run overlaps the last one. Moments that have passed while no
    /// worker was there are made up for by one run.
    ///
    /// - Parameters:
    ///   - interval: at least a second, in whole milliseconds.
    ///   - name: a name that no other schedule of these jobs has. At most 90 bytes.
    ///   - attempts: the times that a run is tried.
    ///   - timeout: the time after which an attempt is cancelled.
    ///   - body: does the work. ``JobContext/scheduledAt`` is the moment for which it runs.
    public func every(
        _ interval: Duration, _ name: String, attempts: Int = 3, timeout: Duration = .seconds(900),
        _ body: @escaping @Sendable (_ context: JobContext) async throws -> Void
    ) {
        let milliseconds = interval.asMilliseconds
        guard milliseconds >= 1_000 else {
            return logger.error("the schedule \"\(name)\" never runs: its interval is below a second")
        }
        add(
            JobSchedule(name: name, rule: .every(milliseconds), spec: "every \(milliseconds) ms"), attempts, timeout,
            body)
    }

    /// Has work done at the moments of a cron expression, once for all workers, pools and hosts that share the
    /// database: see ``every(_:_:attempts:timeout:_:)`` for runs that fail, overlap or are missed.
    ///
    /// ```swift
    /// try jobs.cron("30 3 * * mon-fri", "report", in: "Europe/Berlin") { context in … }
    /// ```
    ///
    /// If clocks are put forward, a time of day that does not exist is the moment at which they are. If they are put
    /// back, a time of day that comes twice is the first one; an expression whose hour is `*` runs by the hours that
    /// pass, in both.
    /// - Parameters:
    ///   - expression: see ``CronExpression``.
    ///   - name: a name that no other schedule of these jobs has. At most 90 bytes.
    ///   - zone: the time zone by its name in the operating system's data (package tzdata), or `UTC`.
    ///   - attempts: the times that a run is tried.
    ///   - timeout: the time after which an attempt is cancelled.
    ///   - body: does the work.
    /// - Throws: ``CronError`` for an expression that has a fault or no moment, and for an unknown zone. The module's
    ///   `init` lets it through: the worker then does not start.
    public func cron(
        _ expression: String, _ name: String, in zone: String = "UTC", attempts: Int = 3,
        timeout: Duration = .seconds(900), _ body: @escaping @Sendable (_ context: JobContext) async throws -> Void
    ) throws(CronError) {
        let parsed = try CronExpression(expression)
        let rules: Zone
        do throws(ZoneError) {
            rules = try Zone.named(zone)
        } catch {
            throw CronError(error.description)
        }
        add(
            JobSchedule(name: name, rule: .cron(parsed, rules), spec: "cron \(expression) in \(zone)"), attempts,
            timeout, body)
    }

    private func add(
        _ schedule: JobSchedule, _ attempts: Int, _ timeout: Duration,
        _ body: @escaping @Sendable (JobContext) async throws -> Void
    ) {
        guard !schedule.name.isEmpty, schedule.name.utf8.count <= 90, schedule.spec.utf8.count <= 300 else {
            return logger.error(
                "the schedule \"\(schedule.name)\" never runs: its name or its rule is empty or too long")
        }
        guard work.handler(schedule.kind) == nil else {
            return logger.error("there are two schedules named \"\(schedule.name)\": the first one counts")
        }
        work.add(schedule)
        register(
            JobHandler(attempts: max(1, attempts), timeout: timeout, backoff: .exponential()) { _, context in
                try await body(context)
            }, for: schedule.kind)
    }
}
