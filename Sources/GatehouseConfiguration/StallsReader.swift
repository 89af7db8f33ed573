internal import GatehousePlan
internal import Yams

/// Reads `stalls: { report: 1s, backtrace: 5s }` or `stalls: off`
struct StallsReader {
    let report: ProblemReport

    /// A shorter time is no stall, and would wake the watch for nothing.
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
            let time = reader.quantity(node, "\"report\"", Milliseconds.self, in: Self.times)
        {
            plan.reportAfter = time
            plan.backtraceAfter = max(plan.backtraceAfter, time)
        }
        if let node = fields["backtrace"],
            let time = reader.quantity(node, "\"backtrace\"", Milliseconds.self, in: Self.times)
        {
            if time > 0, time < plan.reportAfter {
                report.add(
                    "\"backtrace\" comes before \"report\", which is \(Milliseconds.describe(plan.reportAfter)): write "
                        + "that or more", at: node)
            }
            plan.backtraceAfter = time
        }
        return plan
    }
}
