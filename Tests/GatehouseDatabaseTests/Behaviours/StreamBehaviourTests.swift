import DatabaseTestSupport
import GatehouseDatabase
import Testing

/// Results that are larger than anybody wants to hold.
struct StreamBehaviourTests {
    /// Numbers from 1 on, with some bytes each.
    private func numbers(_ backEnd: BackEnd, upTo count: Int, bytes: Int = 200) -> SQL {
        switch backEnd {
        case .postgreSQL: "SELECT n, repeat('x', \(bytes)) AS filling FROM generate_series(1, \(count)) AS n"
        case .mariaDB: "SELECT seq AS n, repeat('x', \(bytes)) AS filling FROM seq_1_to_10000000 LIMIT \(count)"
        case .sqlite:
            """
            WITH RECURSIVE step(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM step WHERE n < \(count)) \
            SELECT n, printf('%.*c', \(bytes), 'x') AS filling FROM step
            """
        }
    }

    // behaviour 18
    @Test(arguments: BackEnd.servers)
    func `a big result stays with the server until its rows are read`(backEnd: BackEnd) async throws {
        let server = try await TestServer.shared(backEnd)
        let (proxy, place) = try server.proxied()
        try await place.withDatabase { database in
            _ = try await database.first("SELECT 1", Int.self)
            proxy.arm()
            var sum = 0
            var mostAhead = 0
            try await database.rows(numbers(backEnd, upTo: 50_000), Int.self, String.self) { rows in
                for try await (number, filling) in rows {
                    sum += number + filling.utf8.count - 200
                    if number % 500 == 1 { mostAhead = max(mostAhead, proxy.passed(.toClient) - 200 * number) }
                }
            }
            #expect(sum == 50_000 * 50_001 / 2)
            // The whole is more than ten million bytes. Buffers of sockets count, and some bytes for each row.
            #expect(mostAhead < 3_000_000)
        }
    }

    /// A row whose reading is counted, wherever that is.
    private struct Counted: Decodable {
        enum Key: CodingKey { case n, filling }

        static let read = Shared(0)
        let number: Int
        let filling: String

        init(from decoder: any Decoder) throws {
            let row = try decoder.container(keyedBy: Key.self)
            number = try row.decode(Int.self, forKey: .n)
            filling = try row.decode(String.self, forKey: .filling)
            Self.read.withLock { $0 += 1 }
        }
    }

    // behaviour 18
    @Test(.serialized, arguments: BackEnd.allCases)
    func `rows are read ahead up to a number and a size, however many there are`(backEnd: BackEnd) async throws {
        try await backEnd.withDatabase { database, _ async throws in
            // The rows that wait, and as many that were taken together.
            for (count, bytes, waiting) in [(20_000, 200, 256), (300, 100_000, 6)] {
                Counted.read.withLock { $0 = 0 }
                var (taken, mostAhead) = (0, 0)
                try await database.rows(numbers(backEnd, upTo: count, bytes: bytes), as: Counted.self) { rows in
                    for try await row in rows {
                        taken += 1
                        #expect(row.number == taken && row.filling.utf8.count == bytes)
                        // The reader lets the database run ahead, and that must stop.
                        if taken == 1 { try await until("rows wait") { Counted.read.withLock { $0 } >= waiting } }
                        if taken % (count / 10) == 0 { try await Task.sleep(for: .milliseconds(5)) }
                        mostAhead = max(mostAhead, Counted.read.withLock { $0 } - taken)
                    }
                }
                #expect(taken == count)
                #expect(mostAhead <= 2 * waiting, "\(bytes) bytes")
            }
        }
    }

    // behaviour 18
    @Test(arguments: BackEnd.allCases)
    func `leaving a stream early ends the statement and does not read the rest`(backEnd: BackEnd) async throws {
        try await backEnd.withDatabase({ settings in
            settings.connections = 1
            settings.statementTimeout = .seconds(60)
        }) { database, place async throws in
            let clock = ContinuousClock()
            let began = clock.now
            for _ in 0..<3 {
                let first = try await database.rows(numbers(backEnd, upTo: 10_000_000), Int.self, String.self) { rows in
                    for try await (number, _) in rows where number == 10 { return number }
                    return 0
                }
                #expect(first == 10)
                #expect(try await database.first("SELECT 1", Int.self) == 1)
            }
            #expect(clock.now - began < .seconds(10))
            try await until("one session is left") { try await place.sessions() <= 1 }
        }
    }

    // behaviour 18
    @Test(arguments: BackEnd.allCases)
    func `a reader that takes its time holds the server back, and gets every row`(backEnd: BackEnd) async throws {
        try await backEnd.withDatabase { database, _ async throws in
            var next = 1
            try await database.rows(numbers(backEnd, upTo: 5_000), Int.self, String.self) { rows in
                for try await (number, _) in rows {
                    #expect(number == next)
                    next += 1
                    if number % 500 == 0 { try await Task.sleep(for: .milliseconds(5)) }
                }
            }
            #expect(next == 5_001)
        }
    }

    // behaviour 18
    @Test(arguments: BackEnd.allCases)
    func `an error of the reader or of a row ends the stream and is his`(backEnd: BackEnd) async throws {
        struct Stop: Error {}
        try await backEnd.withDatabase { database, _ async throws in
            await #expect(throws: Stop.self) {
                try await database.rows(numbers(backEnd, upTo: 100_000), Int.self, String.self) { rows in
                    for try await _ in rows { throw Stop() }
                }
            }
            let error = await #expect(throws: DatabaseError.self) {
                try await database.rows(numbers(backEnd, upTo: 300), UInt8.self, String.self) { rows in
                    for try await _ in rows {}
                }
            }
            #expect(error?.kind == .data)
            #expect(try await database.first("SELECT 1", Int.self) == 1)
        }
    }
}
