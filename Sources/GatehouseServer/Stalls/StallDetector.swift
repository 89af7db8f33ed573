/// Decides for one loop what is to be said of it. Pure: what it sees and the time are arguments.
package struct StallDetector {
    package enum Finding: Equatable {
        /// Held for so many nanoseconds, and still.
        case stalled(Int64)
        /// Held for so long that its backtrace is wanted.
        case backtraceWanted(Int64)
        /// A loop that was reported works again; it was held for about so many nanoseconds.
        case recovered(Int64)
    }

    /// Nanoseconds; 0 is never.
    var reportAfter: Int64
    var backtraceAfter: Int64

    /// When the stall that has been reported began; 0 where there is none.
    private var reported: Int64 = 0
    private var isTraced = false

    package init(reportAfter: Int64, backtraceAfter: Int64) {
        self.reportAfter = reportAfter
        self.backtraceAfter = backtraceAfter
    }

    /// - Parameter busySince: since when the loop has been away from waiting; 0 while it waits.
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
