import Gatehouse
import GatehouseDatabase

/// One prepared select by many callers on the request's loop, as the other programs of the benchmark make it.
struct LoadRoutes {
    let databases: [String: Database]

    struct Figures: Codable, ResponseEncodable {
        var queries: Int
        var seconds: Double
        var cpu: Double
        var p50_us: Double
        var p99_us: Double
    }

    func add(to router: Router<GatewayRequestContext>) {
        router.get("/load") { [databases] request, _ in
            guard let database = databases[request.text("database") ?? ""] else { throw HTTPError(.notFound) }
            let callers = request.number("callers", 32)
            let select = request.text("shape") == "columns" ? Self.columns : Self.decodable
            // A count in the place of a time is for counting instructions.
            let count = request.number("count", .max)
            _ = try await Self.load(database, select, seconds: 0.3, callers: callers, count: count)
            let cpu = Clock.processCPU
            let began = Clock.now
            let seconds = Double(request.number("ms", 1_000)) / 1_000
            let latencies = try await Self.load(database, select, seconds: seconds, callers: callers, count: count)
                .sorted()
            let took = Clock.now - began
            return Figures(
                queries: latencies.count, seconds: took, cpu: Clock.processCPU - cpu,
                p50_us: latencies[latencies.count / 2] * 1e6, p99_us: latencies[latencies.count * 99 / 100] * 1e6)
        }
    }

    /// Asks for one row and returns its id.
    typealias Select = nonisolated(nonsending) @Sendable (Database, Int) async throws -> Int?

    private static let decodable: Select = { database, id in
        try await database.first("SELECT id, title FROM t WHERE id = \(id)", as: Title.self)?.id
    }

    private static let columns: Select = { database, id in
        try await database.first("SELECT id, title FROM t WHERE id = \(id)", Int.self, String.self)?.0
    }

    /// The time that each query took, in seconds.
    private static func load(
        _ database: Database, _ select: @escaping Select, seconds: Double, callers: Int, count: Int
    ) async throws -> [Double] {
        let end = Clock.now + seconds
        return try await withThrowingTaskGroup(of: [Double].self) { group in
            for number in 0..<callers {
                group.addTask { try await caller(database, select, number: number, until: end, count: count) }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    nonisolated(nonsending) private static func caller(
        _ database: Database, _ select: Select, number: Int, until end: Double, count: Int
    ) async throws -> [Double] {
        var latencies: [Double] = []
        var id = number * 311 % 10_000
        var began = Clock.now
        while began < end, latencies.count < count {
            id = (id + 7919) % 10_000
            guard try await select(database, id + 1) == id + 1 else { throw WrongAnswer() }
            let ended = Clock.now
            latencies.append(ended - began)
            began = ended
        }
        return latencies
    }
}
