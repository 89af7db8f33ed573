internal import GatehousePlan

/// A status as a person reads it: a few lines about the supervisor, and a block for each pool.
public struct StatusText {
    private let report: StatusReport

    public init(_ report: StatusReport) { self.report = report }

    /// Printable lines, whatever bytes requests and workers have sent.
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
            // In floating point, so that no moment of a strange clock can overflow.
            let age = Double(report.uptime) / 1_000 - (Double(report.loadedAt) - Double(report.startedAt))
            let seconds = Int(max(0, min(age, 1e12)))
            lines.append("configuration \(report.configuration), read \(HumanUnits.age(seconds)) ago")
        }
        if let failure = report.lastReloadFailure {
            lines.append("the last reload has failed, and the old workers go on serving: \(failure)")
        }
        return lines
    }
}

/// The block of a pool in a status.
struct PoolText {
    let pool: PoolStatus

    init(_ pool: PoolStatus) { self.pool = pool }

    /// A path longer than this is cut, so that a request stays on its line.
    private static let longestPath = 60

    var lines: [String] {
        let facts = ([endpoints, totals, life, troubles].flatMap(\.self)).map { "  " + $0.printable() }
        var blocks = [headline.printable()] + facts
        for table in [workers, requests, databases, jobs] where !table.rows.isEmpty {
            blocks += [""] + table.lines.map { "  " + $0 }
        }
        return blocks
    }

    private var headline: String {
        let running = pool.workers.count
        let workers =
            running == pool.wantedWorkers
            ? HumanUnits.count(running, "worker")
            : "\(running) of \(HumanUnits.count(pool.wantedWorkers, "worker"))"
        let scaled = pool.scaledTo.map { ", scaled to \($0) until the next reload" } ?? ""
        return "pool \(pool.name): \(pool.state.rawValue), generation \(pool.generation), \(workers)\(scaled)"
    }

    private var endpoints: [String] {
        pool.endpoints.map { endpoint in
            let now = endpoint.queue.map { "\($0)\(endpoint.queueLimit.map { " of \($0)" } ?? ""), " } ?? ""
            let access = endpoint.access.map { " (\($0))" } ?? ""
            return "\(endpoint.endpoint)\(access): queue \(now)longest \(endpoint.longestQueue)"
        }
    }

    private var totals: [String] {
        guard let requests = pool.requests, let failures = pool.failures, let connections = pool.acceptedConnections,
            let received = pool.bodyBytes, let sent = pool.responseBytes
        else { return [] }
        return [
            "\(HumanUnits.count(requests, "request")), \(HumanUnits.count(failures, "failure")) (5xx), "
                + "\(HumanUnits.count(connections, "connection")), "
                + "\(HumanUnits.size(received)) received, \(HumanUnits.size(sent)) sent"
        ]
    }

    private var life: [String] {
        let busy = pool.mostActiveWorkers.map {
            ", at most \($0) busy at one time, "
                + "\(HumanUnits.count(pool.timesAtMaximum, "time")) more wanted than allowed"
        }
        return [
            "\(HumanUnits.count(pool.spawned, "worker")) started, "
                + HumanUnits.count(pool.crashes, "crash", "crashes") + (busy ?? "")
        ]
    }

    private var troubles: [String] {
        var lines = pool.endpoints.compactMap { endpoint in
            endpoint.problem.map { "\(endpoint.endpoint): \($0)" }
        }
        if let failure = pool.startFailure {
            lines.append("no worker can be started, clients are answered 503: \(failure)")
        }
        if let refused = pool.refusedConnections, refused > 0 {
            lines.append("\(HumanUnits.count(refused, "connection")) answered 503 while nobody served")
        }
        if let crash = pool.lastCrash { lines.append("last crash: \(crash)") }
        for route in pool.quarantines {
            lines.append(
                "quarantined: \(route.method) \(Self.cut(route.path)), "
                    + "\(HumanUnits.count(route.crashes, "crash", "crashes")), "
                    + "released in \(HumanUnits.duration(route.left))")
        }
        for worker in pool.workers {
            guard let time = worker.heldFor, time > 0 else { continue }
            lines.append("worker \(worker.number): an event loop has been held for \(HumanUnits.duration(time))")
        }
        return lines
    }

    private var workers: TextTable {
        var table = TextTable([
            .number("worker"), .number("pid"), .number("generation"), .text("state"), .number("uptime"), .number("rss"),
            .number("cpu"), .number("connections"), .number("requests"), .number("failures"), .number("in flight"),
        ])
        func known(_ number: Int?) -> String { number.map(String.init) ?? "-" }
        for worker in pool.workers {
            table.add([
                "\(worker.number)", "\(worker.pid)", "\(worker.generation)", worker.state.rawValue,
                HumanUnits.duration(worker.uptime), HumanUnits.size(worker.residentBytes),
                HumanUnits.duration(worker.processorTime), known(worker.connections), known(worker.requests),
                known(worker.failures), known(worker.requestsInFlight?.count),
            ])
        }
        return table
    }

    /// The longest first: it is the one that somebody looks for.
    private var requests: TextTable {
        var table = TextTable([
            .number("duration"), .text("method"), .text("path"), .text("id"), .text("module"), .text("state"),
            .number("worker"),
        ])
        let inFlight = pool.workers.flatMap { worker in (worker.requestsInFlight ?? []).map { (worker.number, $0) } }
        for (worker, request) in inFlight.sorted(by: { $0.1.duration > $1.1.duration }) {
            table.add([
                HumanUnits.duration(request.duration), request.method, Self.cut(request.path), request.id,
                request.module,
                request.state, "\(worker)",
            ])
        }
        return table
    }

    /// A database of a module in all workers of the pool.
    private var databases: TextTable {
        var table = TextTable([
            .text("database"), .text("module"), .number("open"), .number("idle"), .number("waiting"),
            .number("longest wait"), .number("limit"),
        ])
        for use in DatabaseUse.totals(pool.workers.flatMap { $0.databases ?? [] }) {
            table.add([
                use.place, use.module, "\(use.open)", "\(use.idle)", "\(use.waiting)",
                use.waiting == 0 ? "-" : HumanUnits.duration(use.longestWait), "\(use.limit)",
            ])
        }
        return table
    }

    /// A module's jobs in the database, and what the pool's workers have done of them.
    private var jobs: TextTable {
        var table = TextTable([
            .text("jobs"), .text("module"), .number("pending"), .number("oldest"), .number("running"), .number("dead"),
            .number("here"), .number("done"), .number("failed"),
        ])
        func counted(_ count: Int) -> String { count < JobUse.most ? "\(count)" : "\(count)+" }
        for use in JobUse.totals(pool.workers.flatMap { $0.jobs ?? [] }) {
            table.add([
                use.queue, use.module, counted(use.pending), use.oldest == 0 ? "-" : HumanUnits.duration(use.oldest),
                counted(use.running), counted(use.dead), "\(use.active)", "\(use.done)", "\(use.failed)",
            ])
        }
        return table
    }

    private static func cut(_ path: String) -> String {
        let path = path.printable()
        return path.count <= longestPath ? path : path.prefix(longestPath - 1) + "…"
    }
}
