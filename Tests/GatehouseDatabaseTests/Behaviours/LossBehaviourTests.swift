import DatabaseTestSupport
import GatehouseDatabase
import HTTPTypes
import Testing

/// Connections that are lost: idle ones, and ones on which a statement is on its way, at every byte.
struct LossBehaviourTests {
    // behaviour 5
    @Test(arguments: BackEnd.servers)
    func `after a restart of the server no query fails because of an old connection`(backEnd: BackEnd) async throws {
        let server = try await TestServer.start(backEnd)
        try await server.place.withDatabase({ $0.connections = 8 }) { database async throws in
            try await Self.allAtOnce(8, database)
            #expect(try await server.place.sessions() == 8)
            for _ in 0..<2 {
                try await server.restart()
                try await Self.allAtOnce(8, database)
            }
            try await server.kill()
            try await server.start()
            try await Self.allAtOnce(8, database)
        }
    }

    /// As many callers at once as to need so many connections.
    private static func allAtOnce(_ count: Int, _ database: Database) async throws {
        let arrived = Shared(0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<count {
                group.addTask {
                    try await database.transaction { transaction in
                        #expect(try await transaction.first("SELECT 1", Int.self) == 1)
                        arrived.withLock { $0 += 1 }
                        try await until("all have a connection") { arrived.withLock { $0 } == count }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    // behaviour 6, behaviour 25
    @Test(arguments: BackEnd.servers, [FaultProxy.Direction.toServer, .toClient])
    func `a statement is carried out at most once, whatever byte the connection is cut at`(
        backEnd: BackEnd, direction: FaultProxy.Direction
    ) async throws {
        let server = try await TestServer.shared(backEnd)
        let (proxy, place) = try server.proxied()
        try await place.withDatabase({ $0.connections = 1 }) { database async throws in
            try await database.execute("CREATE TABLE t (id INT)")
            var outcomes: [DatabaseError?] = []
            var isCut = true
            // Until an answer or a statement has no byte left to be cut at.
            while isCut {
                // A cut behind a whole answer may hit the next statement.
                try await until("a connection is whole") { (try? await database.first("SELECT 1", Int.self)) == 1 }
                let cuts = proxy.cuts
                proxy.arm(.cut(after: outcomes.count, direction), times: 1)
                let number = outcomes.count
                do {
                    try await database.execute("INSERT INTO t VALUES (\(number))")
                    outcomes.append(nil)
                } catch let error as DatabaseError { outcomes.append(error) }
                isCut = proxy.cuts > cuts
                proxy.arm()
                try #require(outcomes.count < 2_000)
            }
            #expect(outcomes.count > 5)
            try await Self.check(outcomes, of: 1, place)
        }
    }

    /// Checks that as much was carried out as callers were told: all rows after success, none or all if the fate is
    /// unknown, and else none.
    private static func check(_ outcomes: [DatabaseError?], of count: Int, _ place: Place) async throws {
        try await until("no transaction is open") { try await place.openTransactions() == 0 }
        var rows: [Int: Int] = [:]
        for row in try await place.query("SELECT id, count(*) FROM t GROUP BY id") {
            if let id = Int(row[0] ?? ""), let number = Int(row[1] ?? "") { rows[id] = number }
        }
        for (id, error) in outcomes.enumerated() {
            let found = rows[id] ?? 0
            switch error?.kind {
            case nil: #expect(found == count, "number \(id)")
            case .connectionLost(sent: true): #expect(found == 0 || found == count, "number \(id)")
            case .connectionLost(sent: false): #expect(found == 0, "number \(id)")
            default: Issue.record("number \(id): \(String(describing: error))")
            }
        }
    }

    // behaviour 5, behaviour 6
    @Test(arguments: BackEnd.servers)
    func `a reset by a firewall is an error of the statement that was on its way, and of no other`(
        backEnd: BackEnd
    ) async throws {
        let server = try await TestServer.shared(backEnd)
        let (proxy, place) = try server.proxiedByTCP()
        try await place.withDatabase({ $0.connections = 1 }) { database in
            for _ in 0..<3 {
                _ = try await database.first("SELECT 1", Int.self)
                proxy.cutAll(reset: true)
                try await until("the pool has heard of it") { database.status.open == 0 }
            }
            _ = try await database.first("SELECT 1", Int.self)
            proxy.arm(.cut(after: 2, .toClient, reset: true), times: 1)
            let error = await #expect(throws: DatabaseError.self) {
                _ = try await database.first("SELECT 1", Int.self)
            }
            #expect(error?.kind == .connectionLost(sent: true))
            #expect(try await database.first("SELECT 1", Int.self) == 1)
        }
    }

    // behaviour 6, behaviour 8
    @Test(arguments: BackEnd.servers)
    func `a transaction is committed whole or not at all, whatever byte the connection is cut at`(backEnd: BackEnd)
        async throws
    {
        let server = try await TestServer.shared(backEnd)
        let (proxy, place) = try server.proxied()
        try await place.withDatabase({ $0.connections = 1 }) { database async throws in
            try await database.execute("CREATE TABLE t (id INT, half INT)")
            var outcomes: [DatabaseError?] = []
            for byte in stride(from: 1, to: 160, by: 3) {
                proxy.arm(.cut(after: byte, .toClient), times: 1)
                let number = outcomes.count
                do {
                    try await database.transaction { transaction in
                        try await transaction.execute("INSERT INTO t VALUES (\(number), 1)")
                        try await transaction.execute("INSERT INTO t VALUES (\(number), 2)")
                    }
                    outcomes.append(nil)
                } catch let error as DatabaseError { outcomes.append(error) }
                proxy.arm()
            }
            try await Self.check(outcomes, of: 2, place)
        }
    }

    // behaviour 25
    @Test(arguments: BackEnd.servers)
    func `connecting fails with an error at every byte that it is cut at`(backEnd: BackEnd) async throws {
        let server = try await TestServer.shared(backEnd)
        let (proxy, place) = try server.proxied()
        for byte in 0..<60 {
            proxy.arm(.cut(after: byte, .toClient))
            try await place.withDatabase { database async throws in
                let error = await #expect(throws: DatabaseError.self) {
                    _ = try await database.first("SELECT 1", Int.self)
                }
                guard case .connectionLost = error?.kind else {
                    Issue.record("byte \(byte): \(String(describing: error))")
                    return
                }
            }
        }
    }

    // behaviour 25
    @Test(arguments: BackEnd.servers)
    func `a server that says nothing while a connection is made is an error after the limit`(
        backEnd: BackEnd
    ) async throws {
        let server = try await TestServer.shared(backEnd)
        let (proxy, place) = try server.proxied()
        for byte in [0, 1, 30] {
            proxy.arm(.stall(after: byte, .toClient))
            try await place.withDatabase({ settings in
                settings.connectTimeout = .seconds(1)
                settings.wait = .seconds(2)
            }) { database in
                let error = await #expect(throws: DatabaseError.self) {
                    _ = try await database.first("SELECT 1", Int.self)
                }
                #expect(error?.status == .serviceUnavailable, "\(String(describing: error))")
            }
        }
    }

    // behaviour 25
    @Test(arguments: BackEnd.servers)
    func `answers that come byte by byte are whole`(backEnd: BackEnd) async throws {
        let server = try await TestServer.shared(backEnd)
        let (proxy, place) = try server.proxied()
        proxy.arm(.drip(.toClient), .drip(.toServer))
        try await place.withDatabase { database async throws in
            let text = String(repeating: "Ähre ", count: 100)
            for number in 0..<3 {
                let rows = try await database.all("SELECT \(text) AS a, \(number) AS b", String.self, Int.self)
                #expect(rows.first?.0 == text && rows.first?.1 == number)
            }
        }
    }

    // behaviour 25
    @Test(arguments: BackEnd.servers)
    func `a server that stops answering is an error after the statement's limit`(backEnd: BackEnd) async throws {
        let server = try await TestServer.shared(backEnd)
        let (proxy, place) = try server.proxied()
        try await place.withDatabase({ $0.statementTimeout = .milliseconds(300) }) { database async throws in
            _ = try await database.first("SELECT 1", Int.self)
            proxy.arm(.stall(after: 3, .toClient))
            let error = await #expect(throws: DatabaseError.self) { _ = try await database.first("SELECT 1", Int.self) }
            switch error?.kind {
            case .timeout, .connectionLost(sent: true): break
            default: Issue.record("\(String(describing: error))")
            }
            proxy.arm()
            #expect(try await database.first("SELECT 1", Int.self) == 1)
        }
    }

    // behaviour 7
    @Test(arguments: BackEnd.servers)
    func `connections are closed at their age and when nobody uses them`(backEnd: BackEnd) async throws {
        try await backEnd.withDatabase({ $0.idle = .milliseconds(200) }) { database, place async throws in
            _ = try await database.first("SELECT 1", Int.self)
            try await until("the connection is closed") { try await place.sessions() == 0 }
            #expect(database.status.open == 0)
        }
        let session = try #require(backEnd.session)
        try await backEnd.withDatabase({ $0.maximumAge = .milliseconds(100) }) { database, place async throws in
            let first = try await database.first(session, Int.self)
            try await until("another connection is used") { try await database.first(session, Int.self) != first }
            try await until("the old one is closed") { try await place.sessions() <= 1 }
        }
    }
}
