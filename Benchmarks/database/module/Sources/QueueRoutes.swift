import Gatehouse
import GatehouseDatabase

/// Many callers of a small pool: who is served, in which order, and what is left.
struct QueueRoutes {
    let database: Database

    struct Outcome: Codable, ResponseEncodable {
        var callers: Int
        var served = 0
        var exhausted = 0
        var other = 0
        /// Places: the most that a served caller was overtaken by one that had come later.
        var overtaken = 0
        /// Callers that still wait when all have been answered.
        var waiting = 0
        /// Seconds of a query afterwards.
        var after = 0.0
    }

    func add(to router: Router<GatewayRequestContext>) {
        router.get("/queue") { [database] request, _ in
            let count = request.number("callers", 100)
            let answers = await withTaskGroup(of: (caller: Int, answer: Result<Double, any Error>).self) { group in
                for caller in 0..<count {
                    group.addTask { (caller, await Self.slow(database)) }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            var outcome = Outcome(callers: count)
            var starts: [(caller: Int, start: Double)] = []
            for (caller, answer) in answers {
                switch answer {
                case .success(let start): starts.append((caller, start))
                case .failure(let error as DatabaseError) where error.kind == .exhausted: outcome.exhausted += 1
                case .failure: outcome.other += 1
                }
            }
            outcome.served = starts.count
            outcome.overtaken = Self.overtaken(starts.sorted { $0.start < $1.start }.map(\.caller))
            outcome.waiting = database.status.waiting
            let began = Clock.now
            _ = try await database.first("SELECT 1", Int.self)
            outcome.after = Clock.now - began
            return outcome
        }
    }

    /// The moment at which the server took the statement, by its own clock.
    private static func slow(_ database: Database) async -> Result<Double, any Error> {
        do {
            let start = try await database.first(
                "SELECT extract(epoch FROM statement_timestamp())::double precision FROM pg_sleep(0.02)", Double.self)
            return start.map { .success($0) } ?? .failure(WrongAnswer())
        } catch {
            return .failure(error)
        }
    }

    /// The places by which a caller was overtaken at most, of callers in the order in which they were served.
    private static func overtaken(_ callers: [Int]) -> Int {
        var latest = 0
        return callers.reduce(0) { most, caller in
            latest = max(latest, caller)
            return max(most, latest - caller)
        }
    }
}
