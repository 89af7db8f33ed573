import GatehouseConfiguration
import GatehousePlan

/// Routes that have killed so many workers that they are answered 503 for a while.
struct Quarantine: Equatable {
    struct Route: Codable, Hashable {
        var method: String
        var path: String
    }

    struct Record: Codable, Equatable {
        /// Times at which it killed a worker, newest last.
        var crashes: [Int] = []
        /// The end of its quarantine; `nil` if it is in none.
        var until: Int?
        /// The content of the module that it crashed; `nil` if that is not known.
        var module: UInt64?
    }

    /// `nil`: off.
    var settings: QuarantineSettings?
    private(set) var records: [Route: Record]

    /// A peer that makes up paths must not make this grow.
    private static let mostRecords = 1_000

    /// - Parameter records: those of the supervisor before this one.
    init(settings: QuarantineSettings?, records: [Route: Record] = [:]) {
        self.settings = settings
        self.records = records
    }

    /// - Parameter module: the content of the module that crashed.
    /// - Returns: whether the route is held from now on.
    mutating func crashed(_ route: Route, of module: UInt64? = nil, now: Int) -> Bool {
        guard let settings else { return false }
        if records[route] == nil, records.count >= Self.mostRecords { forgetOldest() }
        var record = records[route] ?? Record()
        // Crashes of another build say nothing about this one.
        if record.module != module { record = Record(module: module) }
        record.crashes.removeAll { now - $0 > settings.window }
        record.crashes.append(now)
        let isNew = record.until == nil && record.crashes.count >= settings.crashes
        if record.crashes.count >= settings.crashes { record.until = now + settings.duration }
        records[route] = record
        return isNew
    }

    /// - Returns: the routes that are let go because their time is over.
    mutating func clockAdvanced(now: Int) -> [Route] {
        release { $1.until.map { $0 <= now } ?? false }
    }

    /// Other modules serve: crashes of earlier ones are forgotten.
    ///
    /// - Parameter module: the content of the module that answers a route now.
    /// - Returns: the routes that are let go.
    mutating func modulesChanged(_ module: (Route) -> UInt64?) -> [Route] {
        let gone = records.filter { $0.value.module != nil && $0.value.module != module($0.key) }
        for route in gone.keys { records[route] = nil }
        return gone.filter { $0.value.until != nil }.keys.sorted { ($0.path, $0.method) < ($1.path, $1.method) }
    }

    /// Lets go one route, or all.
    mutating func release(_ route: Route?) -> [Route] {
        release { found, record in record.until != nil && (route == nil || route == found) }
    }

    private mutating func release(where isDone: (Route, Record) -> Bool) -> [Route] {
        let done = records.filter { isDone($0.key, $0.value) }.map(\.key)
        for route in done { records[route] = nil }
        return done.sorted { ($0.path, $0.method) < ($1.path, $1.method) }
    }

    /// The next time at which `clockAdvanced` has something to do; `nil` for never.
    var deadline: Int? { records.values.compactMap(\.until).min() }

    func held(now: Int) -> [(route: Route, crashes: Int, left: Int)] {
        records.compactMap { route, record in
            record.until.map { (route, record.crashes.count, max(0, $0 - now)) }
        }
        .sorted { ($0.route.path, $0.route.method) < ($1.route.path, $1.route.method) }
    }

    /// The order for workers.
    ///
    /// - Parameter module: the content of the worker's module that answers a route; a worker with another build than
    ///   the one that crashed still serves the route.
    func order(now: Int, for module: (Route) -> UInt64? = { _ in nil }) -> [QuarantinedRoute] {
        held(now: now).filter { held in
            guard let crashed = records[held.route]?.module, let module = module(held.route) else { return true }
            return crashed == module
        }
        .map {
            QuarantinedRoute(method: $0.route.method, path: $0.route.path, retryAfter: max(1, ($0.left + 999) / 1_000))
        }
    }

    private mutating func forgetOldest() {
        guard
            let oldest = records.filter({ $0.value.until == nil })
                .min(by: { ($0.value.crashes.last ?? 0) < ($1.value.crashes.last ?? 0) })
        else { return }
        records[oldest.key] = nil
    }
}
