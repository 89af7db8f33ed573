import FoundationEssentials

/// Work that comes again and again.
struct JobSchedule: Sendable {
    /// The rule for its moments.
    enum Rule: Sendable {
        /// Every so many milliseconds, counted from 1970-01-01 00:00 UTC: the same moments for all workers and after
        /// each restart.
        case every(Int64)
        case cron(CronExpression, Zone)
    }

    let name: String
    let rule: Rule
    /// The rule as text, by which a changed one is noticed. At most 300 bytes.
    let spec: String

    /// The kind of the jobs that it makes.
    var kind: String { Self.prefix + name }

    static let prefix = "schedule:"

    /// The first moment after another one, in milliseconds since 1970; `nil` if there is none.
    func next(after moment: Int64) -> Int64? {
        switch rule {
        case .every(let interval):
            let (next, isOver) = (moment / interval + 1).multipliedReportingOverflow(by: interval)
            return isOver ? nil : next
        case .cron(let expression, let zone):
            // Rounded down: a moment within a second is after the second's beginning.
            return expression.next(after: moment / 1_000, in: zone).map { $0 * 1_000 }
        }
    }

    /// The payload of a scheduled job: the moment at which it was due.
    static func payload(due: Int64) -> String { "\(due)" }

    /// The moment at which a job's run was due; `nil` if it is none of a schedule.
    static func moment(of job: JobStore.Claimed) -> Date? {
        guard job.kind.hasPrefix(prefix) else { return nil }
        return Int64(job.payload).map { Date(millisecondsSince1970: max(0, min($0, 1 << 50))) }
    }
}
