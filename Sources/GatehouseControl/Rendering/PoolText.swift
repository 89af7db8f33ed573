internal import GatehousePlan

/// A pool's block in a status.
struct PoolText {
    let pool: PoolStatus

    init(_ pool: PoolStatus) { self.pool = pool }

    /// A path longer than this is cut, so that a request stays on its line.
    private static let longestPath = 60

    var lines: [String] {
        let facts = ([endpoints, totals, life, troubles].flatMap(\.self)).map { "  " + $0.printable() }
        var blocks = [headline.printable()] + facts
        for table in [workers, requests] where !table.rows.isEmpty {
            blocks += [""] + table.lines.map { "  " + $0 }
        }
        return blocks
    }

    private var headline: String {
        let running = pool.workers.count
        let workers =
            running == pool.wantedWorkers
            ? HumanUnits.count(running, "worker")
            : "\(HumanUnits.count(running, "worker")) where there should be \(pool.wantedWorkers)"
        return "pool \(pool.name): \(pool.state.rawValue), generation \(pool.generation), \(workers)"
    }

    private var endpoints: [String] {
        pool.endpoints.map { endpoint in
            let now = endpoint.queue.map { "\($0)\(endpoint.queueLimit.map { " of \($0)" } ?? ""), " } ?? ""
            return "\(endpoint.endpoint): queue \(now)longest \(endpoint.longestQueue)"
        }
    }

    private var totals: [String] {
        [
            "\(HumanUnits.count(pool.requests, "request")), \(HumanUnits.count(pool.failures, "failure")) (5xx), "
                + "\(HumanUnits.count(pool.acceptedConnections, "connection")), "
                + "\(HumanUnits.size(pool.bodyBytes)) received, \(HumanUnits.size(pool.responseBytes)) sent"
        ]
    }

    private var life: [String] {
        [
            "\(HumanUnits.count(pool.spawned, "worker")) started, "
                + "\(HumanUnits.count(pool.crashes, "crash", "crashes")), "
                + "at most \(pool.mostActiveWorkers) busy at one time, "
                + "\(HumanUnits.count(pool.timesAtMaximum, "time")) more wanted than allowed"
        ]
    }

    private var troubles: [String] {
        var lines: [String] = []
        if let crash = pool.lastCrash { lines.append("last crash: \(crash)") }
        for route in pool.quarantines {
            lines.append(
                "quarantined: \(route.method) \(Self.cut(route.path)), "
                    + "\(HumanUnits.count(route.crashes, "crash", "crashes")), "
                    + "released in \(HumanUnits.duration(route.left))")
        }
        for worker in pool.workers where worker.heldFor > 0 {
            lines.append(
                "worker \(worker.number): an event loop has been held for \(HumanUnits.duration(worker.heldFor))")
        }
        return lines
    }

    private var workers: TextTable {
        var table = TextTable([
            .number("worker"), .number("pid"), .number("generation"), .text("state"), .number("uptime"), .number("rss"),
            .number("cpu"), .number("connections"), .number("requests"), .number("failures"), .number("in flight"),
        ])
        for worker in pool.workers {
            table.add([
                "\(worker.number)", "\(worker.pid)", "\(worker.generation)", worker.state.rawValue,
                HumanUnits.duration(worker.uptime), HumanUnits.size(worker.residentBytes),
                HumanUnits.duration(worker.processorTime), "\(worker.connections)", "\(worker.requests)",
                "\(worker.failures)", "\(worker.requestsInFlight.count)",
            ])
        }
        return table
    }

    /// The longest at the top: it is the one that somebody looks for.
    private var requests: TextTable {
        var table = TextTable([
            .number("duration"), .text("method"), .text("path"), .text("id"), .text("module"), .text("state"),
            .number("worker"),
        ])
        let inFlight = pool.workers.flatMap { worker in worker.requestsInFlight.map { (worker.number, $0) } }
        for (worker, request) in inFlight.sorted(by: { $0.1.duration > $1.1.duration }) {
            table.add([
                HumanUnits.duration(request.duration), request.method, Self.cut(request.path), request.id,
                request.module,
                request.state, "\(worker)",
            ])
        }
        return table
    }

    private static func cut(_ path: String) -> String {
        let path = path.printable()
        return path.count <= longestPath ? path : path.prefix(longestPath - 1) + "…"
    }
}
