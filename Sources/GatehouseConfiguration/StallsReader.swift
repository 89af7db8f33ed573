internal import GatehousePlan
internal import Yams

/// `stalls: { report: 1s, backtrace: 5s }` or `stalls: off`
struct StallsReader {
    let report: ProblemReport

    /// Shorter than this is no stall: the watch would wake more often than it has something to say.
    private static let times = 50...3_600_000

    func read(_ node: Node) -> StallPlan {
        let reader = ScalarReader(report: report)
        var plan = StallPlan()
        if reader.isOff(node) {
            plan.reportAfter = 0
            plan.backtraceAfter = 0
            return plan
        }
        let keys = ["report", "backtrace"]
        guard let fields = Fields(node, what: "stalls, unless they are off,", keys: keys, report: report) else {
            return plan
        }
        if let node = fields["report"],
            let time = reader.quantity(node, "\"report\"", Duration.self, in: Self.times)
        {
            plan.reportAfter = time
            plan.backtraceAfter = max(plan.backtraceAfter, time)
        }
        if let node = fields["backtrace"],
            let time = reader.quantity(node, "\"backtrace\"", Duration.self, in: Self.times)
        {
            if time > 0, time < plan.reportAfter {
                report.add(
                    "\"backtrace\" comes before \"report\", which is \(Duration.describe(plan.reportAfter)): what is "
                        + "not worth a line is not worth a backtrace", at: node)
            }
            plan.backtraceAfter = time
        }
        return plan
    }
}
