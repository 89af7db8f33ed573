internal import GatehousePlan

/// A status as a person reads it: a few lines about the supervisor, and a block for each pool.
public struct StatusText {
    private let report: StatusReport

    public init(_ report: StatusReport) { self.report = report }

    /// Fit for a terminal, whatever requests and workers have said.
    public var lines: [String] {
        supervisor.map { $0.printable() } + report.pools.flatMap { [""] + PoolText($0).lines }
    }

    private var supervisor: [String] {
        var lines = [
            "gatehouse \(report.version), pid \(report.pid), up \(HumanUnits.duration(report.uptime)), "
                + "\(HumanUnits.size(report.residentBytes)) resident, "
                + "\(HumanUnits.duration(report.processorTime)) of processor time"
        ]
        if !report.configuration.isEmpty {
            // In floating point, where no moment that a strange clock has given can overflow.
            let age = Double(report.uptime) / 1_000 - (Double(report.loadedAt) - Double(report.startedAt))
            let seconds = Int(max(0, min(age, 1e12)))
            lines.append("configuration \(report.configuration), read \(HumanUnits.age(seconds)) ago")
        }
        if let failure = report.lastReloadFailure {
            lines.append("the last reload has failed, what served before goes on: \(failure)")
        }
        return lines
    }
}
