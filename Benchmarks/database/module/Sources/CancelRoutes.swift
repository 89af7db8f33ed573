import Gatehouse
import GatehouseDatabase

/// Transactions that are cancelled at random moments: each inserts two halves of a pair, and sleeps between.
struct CancelRoutes {
    let database: Database

    struct Outcome: Codable, ResponseEncodable {
        var committed = 0
        var cancelled = 0
        var other = 0
        /// Connections of the pool that could be used at once afterwards.
        var usable = 0
        var firstError: String?
    }

    private static let atOnce = 10

    func add(to router: Router<GatewayRequestContext>) {
        router.get("/cancels") { [database] request, _ in
            let count = request.number("count", 100)
            var outcome = await withTaskGroup(of: (any Error)?.self) { group in
                var outcome = Outcome()
                for pair in 0..<count {
                    if pair >= Self.atOnce, let error = await group.next() { outcome.note(error) }
                    group.addTask { await Self.cancelled(database, pair: pair) }
                }
                for await error in group { outcome.note(error) }
                return outcome
            }
            outcome.usable = try await Self.usable(database)
            return outcome
        }
    }

    /// `nil` if the transaction has been committed.
    private static func cancelled(_ database: Database, pair: Int) async -> (any Error)? {
        await withTaskGroup(of: (any Error)?.self) { group in
            group.addTask {
                do {
                    try await transaction(database, pair: pair)
                    return nil
                } catch {
                    return error
                }
            }
            // Moments between two turns of the loop, or moments of the server's sleep, of the queue, or after the end.
            if Bool.random() {
                for _ in 0..<Int.random(in: 0...100) { await Task.yield() }
            } else {
                try? await Task.sleep(for: .milliseconds(Int.random(in: 0...40)))
            }
            group.cancelAll()
            return await group.next() ?? nil
        }
    }

    private static func transaction(_ database: Database, pair: Int) async throws {
        try await database.transaction { transaction in
            try await transaction.execute("INSERT INTO halves VALUES (\(pair), 1)")
            try await transaction.execute("SELECT pg_sleep(\(Double.random(in: 0...0.002)))")
            try await transaction.execute("INSERT INTO halves VALUES (\(pair), 2)")
        }
    }

    /// The number of the pool's connections that answer at once: that sleep at the same time by the server's clock.
    private static func usable(_ database: Database) async throws -> Int {
        let spans = try await withThrowingTaskGroup(of: [Double].self) { group in
            for _ in 0..<5 {
                group.addTask {
                    let span = try await database.first(
                        """
                        SELECT extract(epoch FROM statement_timestamp())::double precision,
                        extract(epoch FROM clock_timestamp())::double precision FROM pg_sleep(0.5)
                        """, Double.self, Double.self)
                    return span.map { [$0.0, $0.1] } ?? []
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let lastStart = spans.compactMap(\.first).max() ?? 0
        return spans.filter { $0.count == 2 && $0[1] > lastStart }.count
    }
}

extension CancelRoutes.Outcome {
    mutating func note(_ error: (any Error)?) {
        switch error {
        case nil: committed += 1
        case is CancellationError: cancelled += 1
        case let error as DatabaseError where error.kind == .cancelled: cancelled += 1
        case let error?:
            other += 1
            firstError = firstError ?? "\(error)"
        }
    }
}
