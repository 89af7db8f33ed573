/// A status as a person reads it: a few lines about the supervisor, and a block for each pool.
public struct StatusText {
    private let report: StatusReport

    public init(_ report: StatusReport) { self.report = report }

    /// Fit for a terminal, whatever requests and workers have said.
    public var lines: [String] {
        supervisor.map(\.escapedForTerminal) + report.pools.flatMap { [""] + PoolText($0).lines }
    }

    private var supervisor: [String] {
        var lines = [
            "gatehouse \(report.version), pid \(report.pid), up \(HumanUnits.duration(report.uptime)), "
                + "\(HumanUnits.size(report.residentBytes)) resident, "
                + "\(HumanUnits.duration(report.processorTime)) of processor time"
        ]
        if !report.configuration.isEmpty {
            let (loadedAfter, overflows) = report.loadedAt.subtractingReportingOverflow(report.startedAt)
            let age = report.uptime / 1_000 - (overflows ? 0 : loadedAfter)
            let (milliseconds, isLong) = max(0, age).multipliedReportingOverflow(by: 1_000)
            lines.append(
                "configuration \(report.configuration), read \(HumanUnits.duration(isLong ? .max : milliseconds)) ago")
        }
        if let failure = report.lastReloadFailure {
            lines.append("the last reload has failed, what served before goes on: \(failure)")
        }
        return lines
    }
}
