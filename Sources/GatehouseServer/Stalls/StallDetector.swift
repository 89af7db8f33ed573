/// Decides when a loop counts as stalled. Pure: observations and time are arguments. All times are nanoseconds.
package struct StallDetector {
    package enum Finding: Equatable {
        /// The loop has been held for this time, and still is.
        case stalled(Int64)
        /// The loop has been held for this time, so long that its backtrace is wanted.
        case backtraceWanted(Int64)
        /// A loop that was reported works again; it was held for about this time.
        case recovered(Int64)
    }

    /// The time after which a stall is reported; 0 for never.
    var reportAfter: Int64
    /// The time after which a backtrace is wanted; 0 for never.
    var backtraceAfter: Int64

    /// The time at which the reported stall began; 0 if there is none.
    private var reported: Int64 = 0
    private var isTraced = false

    package init(reportAfter: Int64, backtraceAfter: Int64) {
        self.reportAfter = reportAfter
        self.backtraceAfter = backtraceAfter
    }

    /// - Parameter busySince: when the loop last woke; 0 while it waits.
    package mutating func look(busySince: Int64, now: Int64) -> [Finding] {
        var findings: [Finding] = []
        if reported != 0, busySince != reported {
            findings.append(.recovered(max(0, now - reported)))
            reported = 0
            isTraced = false
        }
        guard busySince != 0 else { return findings }
        let held = now - busySince
        let wantsBacktrace = backtraceAfter > 0 && held >= backtraceAfter
        if reported == 0, wantsBacktrace || (reportAfter > 0 && held >= reportAfter) {
            reported = busySince
            findings.append(.stalled(held))
        }
        if wantsBacktrace, !isTraced {
            isTraced = true
            findings.append(.backtraceWanted(held))
        }
        return findings
    }
}
