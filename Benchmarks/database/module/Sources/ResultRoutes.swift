import Gatehouse
import GatehouseDatabase

/// Results of many rows: one that is streamed, one that is taken whole, one that is over the cap.
struct ResultRoutes {
    let database: Database

    struct Filler: Decodable, Sendable {
        var id: Int
        var filler: String
    }

    struct Streamed: Codable, ResponseEncodable {
        var rows: Int
        var cpu: Double
    }

    struct Whole: Codable, ResponseEncodable {
        var rows: Int
        var held: Double
        var heldCPU: Double
        var seconds: Double
    }

    struct Capped: Codable, ResponseEncodable {
        var error: String
    }

    func add(to router: Router<GatewayRequestContext>) {
        router.get("/stream") { [database] request, _ in
            let count = request.number("rows", 1_000)
            let cpu = Clock.processCPU
            let rows = try await database.rows(
                "SELECT generate_series(1, \(count)::integer) AS id, repeat('x', 200) AS filler", as: Filler.self
            ) { rows in
                var number = 0
                for try await row in rows {
                    number += 1
                    guard row.id == number, row.filler.utf8.count == 200 else { throw WrongAnswer() }
                }
                return number
            }
            return Streamed(rows: rows, cpu: Clock.processCPU - cpu)
        }
        router.get("/all") { [database] request, _ in
            let count = request.number("rows", 200_000)
            guard let loop = HandlerLoop.current else { throw HTTPError(.internalServerError) }
            // The first one grows the heap and prepares the statement.
            _ = try await database.all(Self.titles(count: 1_000), as: Title.self)
            let began = Clock.now
            let watch = TurnWatch(on: loop)
            let titles = try await database.all(Self.titles(count: count), as: Title.self, atMost: count)
            watch.end()
            return Whole(
                rows: titles.count, held: watch.longest, heldCPU: watch.longestCPU, seconds: Clock.now - began)
        }
        router.get("/capped") { [database] request, _ in
            do {
                _ = try await database.all(Self.titles(count: request.number("rows", 200_000)), as: Title.self)
                return Capped(error: "none")
            } catch let error as DatabaseError {
                return Capped(error: "\(error.kind)")
            }
        }
    }

    private static func titles(count: Int) -> SQL {
        "SELECT generate_series(1, \(count)::integer) AS id, 'The title of a row' AS title"
    }
}

/// Measures each turn of a loop while it exists: how long the longest one was.
final class TurnWatch: @unchecked Sendable {
    private let loop: HandlerLoop
    private var began = Clock.now
    private var beganCPU = Clock.threadCPU
    private var isEnded = false

    /// Seconds from one turn to the next, and the CPU time of the loop's thread in them, at the longest.
    private(set) var longest = 0.0
    private(set) var longestCPU = 0.0

    init(on loop: HandlerLoop) {
        self.loop = loop
        loop.run { self.turn() }
    }

    func end() {
        note()
        isEnded = true
    }

    private func turn() {
        if isEnded { return }
        note()
        loop.run { self.turn() }
    }

    private func note() {
        let now = Clock.now
        let cpu = Clock.threadCPU
        longest = max(longest, now - began)
        longestCPU = max(longestCPU, cpu - beganCPU)
        began = now
        beganCPU = cpu
    }
}
