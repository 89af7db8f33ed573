import CGatehouseSystem
package import GatehousePlan
package import GatehouseSystem
import Glibc
package import Logging

/// Watches the loops from a thread of its own: logs which request holds a loop, and at which place in the code.
package final class StallWatch: Sendable {
    private let scoreboard: Scoreboard
    private let plan: StallPlan
    private let logger: Logger

    /// The shortest time between two looks, in milliseconds.
    private static let shortestInterval: Int64 = 250

    package init(_ scoreboard: Scoreboard, plan: StallPlan, logger: Logger) {
        self.scoreboard = scoreboard
        self.plan = plan
        self.logger = logger
    }

    /// Prepares for backtraces, and starts the thread if the plan wants stalls reported. It runs for as long as the
    /// process does.
    package func start() throws(SystemError) {
        guard gatehouse_trace_install() == 0 else { throw SystemError("watching for stalls: sigaction") }
        let thresholds = [plan.reportAfter, plan.backtraceAfter].filter { $0 > 0 }.map { Int64($0) }
        guard let shortest = thresholds.min() else { return }
        let interval = max(Self.shortestInterval, shortest / 2)
        try PlainThread.run { [self] in
            gatehouse_name_thread("gatehouse-stall")
            watch(every: interval)
        }
    }

    private func watch(every milliseconds: Int64) {
        let detector = StallDetector(
            reportAfter: Int64(plan.reportAfter) * 1_000_000, backtraceAfter: Int64(plan.backtraceAfter) * 1_000_000)
        var detectors = [StallDetector](repeating: detector, count: scoreboard.loopCount)
        while true {
            // While all loops wait without an end, none can be held.
            scoreboard.activity.wait()
            var time = timespec(tv_sec: time_t(milliseconds / 1_000), tv_nsec: Int(milliseconds % 1_000) * 1_000_000)
            nanosleep(&time, nil)
            for index in detectors.indices {
                let since = gatehouse_cell_busy(scoreboard.cell(index))
                for finding in detectors[index].look(busySince: since, now: MonotonicClock.nanoseconds()) {
                    report(finding, loop: index)
                }
            }
        }
    }

    private func report(_ finding: StallDetector.Finding, loop index: Int) {
        switch finding {
        case .stalled(let held):
            logger.warning(
                """
                event loop \(index) has been held for \(Self.milliseconds(held)) ms; its other requests wait meanwhile
                """,
                metadata: holder(of: index))
        case .backtraceWanted(let held):
            logger.warning(
                "event loop \(index) has been held for \(Self.milliseconds(held)) ms; this is where",
                metadata: holder(of: index))
            logBacktrace(of: index)
        case .recovered(let held):
            logger.warning("event loop \(index) works again; it was held for about \(Self.milliseconds(held)) ms")
        }
    }

    /// Logs a backtrace of every loop's thread. From any thread but the loops' own; takes as long as the threads take
    /// to answer, at most two seconds each.
    package func logBacktraces() {
        for index in 0..<scoreboard.loopCount {
            logger.warning("backtrace of event loop \(index)", metadata: holder(of: index))
            logBacktrace(of: index)
        }
    }

    private func logBacktrace(of index: Int) {
        let cell = scoreboard.cell(index)
        // A signal may interrupt a loop that waits for events: it waits again afterwards.
        switch ThreadBacktrace(of: gatehouse_cell_thread(cell), mayInterrupt: gatehouse_cell_busy(cell) == 0) {
        case .frames(let lines):
            for (number, line) in lines.enumerated() { logger.warning("  #\(number) \(line)") }
        case .waits(let words):
            logger.warning(
                """
                event loop \(index) is held in \(words); where in the code is not known, as ptrace(2) is not allowed \
                here or would cut the call short
                """)
        case .unknown:
            logger.warning("event loop \(index) does not answer: it blocks signals, or waits within the kernel")
        }
    }

    /// The request whose code runs on that loop, for a log line.
    private func holder(of index: Int) -> Logger.Metadata {
        let slot = gatehouse_cell_slot(scoreboard.cell(index))
        guard slot >= 0, let request = scoreboard.request(slot: slot) else { return [:] }
        return [
            "hb.request.id": .string(request.id), "request": .string("\(request.method) \(request.path)"),
            "module": .string(request.module),
        ]
    }

    private static func milliseconds(_ nanoseconds: Int64) -> Int64 { nanoseconds / 1_000_000 }
}
