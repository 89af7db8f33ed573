import GatehouseControl

extension StatusReport {
    /// A pool that has been through much, and one that waits.
    static var sample: StatusReport {
        var first = WorkerStatus(
            number: 1, pid: 4_711, generation: 3, state: .serving, startedAt: 1_000, uptime: 3_725_000,
            residentBytes: 48 << 20, processorTime: 12_300)
        (first.connections, first.acceptedConnections, first.requests, first.failures) = (32, 320, 12_345, 3)
        first.requestsInFlight = [
            RequestStatus(
                id: "a1", method: "GET", path: "/short", module: "Hello", state: "handling", duration: 12, bodyBytes: 0,
                responseBytes: 0),
            RequestStatus(
                id: "b22", method: "POST", path: "/long", module: "Blog", state: "responding", duration: 61_000,
                bodyBytes: 5, responseBytes: 6),
        ]
        var second = WorkerStatus(
            number: 12, pid: 99, generation: 3, state: .loading, startedAt: 1_000, uptime: 40, residentBytes: 900,
            processorTime: 0)
        (second.connections, second.requests, second.failures, second.requestsInFlight) = (0, 0, 0, [])
        var web = PoolStatus(
            name: "web", state: .degraded, generation: 3, wantedWorkers: 4,
            endpoints: [
                EndpointStatus(endpoint: "fastcgi:/run/g/web.sock", queue: 2, queueLimit: 4_096, longestQueue: 17),
                EndpointStatus(endpoint: "scgi:127.0.0.1:9000", queue: nil, queueLimit: nil, longestQueue: 0),
            ])
        web.workers = [first, second]
        web.quarantines = [QuarantineStatus(method: "GET", path: "/report", crashes: 3, left: 252_000)]
        (web.requests, web.failures, web.acceptedConnections, web.crashes, web.spawned) = (20_000, 1, 500, 1, 7)
        (web.bodyBytes, web.responseBytes, web.mostActiveWorkers, web.timesAtMaximum) = (1_258_291, 130 << 30, 3, 1)
        web.lastCrash = "worker 2 was killed by SIGSEGV while it served GET /report"
        var idle = PoolStatus(name: "idle", state: .idle, generation: 1, wantedWorkers: 0, endpoints: [])
        (idle.requests, idle.failures, idle.acceptedConnections, idle.mostActiveWorkers) = (0, 0, 0, 0)
        (idle.bodyBytes, idle.responseBytes) = (0, 0)
        return StatusReport(
            version: "0.1.0", pid: 42, startedAt: 1_000, uptime: 93_784_000, residentBytes: 9 << 20,
            processorTime: 1_250, configuration: "/etc/gatehouse/gatehouse.yaml", loadedAt: 94_000,
            lastReloadFailure: nil, pools: [web, idle])
    }
}
