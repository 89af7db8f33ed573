import DatabaseTestSupport
import GatehouseDatabase
import HTTPTypes
import Logging
import Testing

/// Servers as operators have them: full, failed over, with another password, or restarted under load.
struct ServerFaultTests {
    @Test(arguments: BackEnd.servers)
    func `a server without a free connection is an error that says so, and heals`(backEnd: BackEnd) async throws {
        let server = try await TestServer.start(backEnd, connections: 10)
        let place = server.place
        try await place.withDatabase({ $0.connections = 20 }) { database async throws in
            let errors = Shared<[DatabaseError]>([])
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        do { _ = try await database.first(backEnd.sleep(milliseconds: 300), Int.self) } catch let error
                            as DatabaseError
                        {
                            errors.withLock { $0.append(error) }
                        } catch {}
                    }
                }
            }
            for error in errors.withLock({ $0 }) {
                #expect(error.status == .serviceUnavailable, "\(error)")
                #expect(error.kind == .connectionLost(sent: false) || error.kind == .exhausted, "\(error)")
                #expect(error.message.contains("connections"), "\(error)")
            }
            #expect(try await database.first("SELECT 1", Int.self) == 1)
        }
    }

    @Test(arguments: BackEnd.servers)
    func `a wrong password is an error without the password, and the right one is taken at the next try`(
        backEnd: BackEnd
    ) async throws {
        let server = try await TestServer.start(backEnd)
        let change =
            backEnd == .mariaDB ? "ALTER USER gatehouse@127.0.0.1 IDENTIFIED BY" : "ALTER ROLE gatehouse PASSWORD"
        let place = server.place(password: "oldSecret")
        try await place.withDatabase { database async throws in
            let error = await #expect(throws: DatabaseError.self) { _ = try await database.first("SELECT 1", Int.self) }
            // libpq does not say what the server's code was.
            #expect(error?.kind == (backEnd == .postgreSQL ? .connectionLost(sent: false) : .usage))
            #expect(error.map { "\($0)" }?.contains("oldSecret") == false)
            #expect(error.map { "\($0)" }?.contains("password") == true || error?.message.contains("denied") == true)
            _ = try await server.place.query("\(change) 'oldSecret'")
            try await until("the password is taken") { (try? await database.first("SELECT 1", Int.self)) == 1 }
            // A connection that stands does not ask again.
            _ = try await server.place.query("\(change) 'newSecret'")
            #expect(try await database.first("SELECT 1", Int.self) == 1)
        }
    }

    @Test func `the second host of a list is used when the first one is down`() async throws {
        let first = try await PostgresServer.start()
        let second = try await PostgresServer.start()
        let names = (try await first.createDatabase(), try await second.createDatabase())
        #expect(names.0 == names.1)
        let url =
            "postgres://gatehouse:secret@127.0.0.1:\(first.port),127.0.0.1:\(second.port)/\(names.0)?sslmode=disable"
        let place = Place(.postgreSQL, url: url) { try await first.query($0, in: names.0) }
        try await place.withDatabase({ $0.connections = 1 }) { database async throws in
            let port: SQL = "SELECT inet_server_port()"
            #expect(try await database.first(port, Int.self) == first.port)
            try await first.kill()
            try await until("the second one serves") { (try? await database.first(port, Int.self)) == second.port }
            try await first.start()
            #expect(try await database.first(port, Int.self) == second.port)
        }
    }

    // behaviour 5, behaviour 6
    @Test(arguments: BackEnd.servers)
    func `a restart under load fails no more than the statements that were on their way`(backEnd: BackEnd) async throws
    {
        let server = try await TestServer.start(backEnd)
        let place = server.place
        try await place.withDatabase({ $0.connections = 4 }) { database async throws in
            try await database.execute("CREATE TABLE t (id INT PRIMARY KEY)")
            let state = Shared((stop: false, done: [Int](), lost: [Int](), other: [String]()))
            let load = Task {
                await withTaskGroup(of: Void.self) { group in
                    for worker in 0..<8 {
                        group.addTask {
                            for number in 0..<100_000 where !state.withLock({ $0.stop }) {
                                let id = number * 8 + worker
                                do {
                                    try await database.execute("INSERT INTO t VALUES (\(id))")
                                    state.withLock { $0.done.append(id) }
                                } catch {
                                    guard let error = error as? DatabaseError,
                                        case .connectionLost(let sent) = error.kind
                                    else {
                                        state.withLock { $0.other.append("\(error)") }
                                        continue
                                    }
                                    if sent { state.withLock { $0.lost.append(id) } }
                                    try? await Task.sleep(for: .milliseconds(2))
                                }
                            }
                        }
                    }
                }
            }
            try await until("the load runs") { state.withLock { $0.done.count } > 100 }
            try await server.restart()
            let clock = ContinuousClock()
            let back = clock.now
            let before = state.withLock { $0.done.count }
            try await until("it is served again") { state.withLock { $0.done.count } > before + 10 }
            #expect(clock.now - back < .seconds(2))
            state.withLock { $0.stop = true }
            await load.value
            let (_, done, lost, other) = state.withLock { $0 }
            #expect(other == [])
            #expect(lost.count <= 8)
            let rows = Set(
                try await place.query("SELECT id FROM t").compactMap { $0.first.flatMap { $0.flatMap { Int($0) } } })
            #expect(rows.isSuperset(of: done))
            #expect(rows.subtracting(done).isSubset(of: lost))
        }
    }

    // behaviour 25
    @Test func `TLS in records of 16 KiB does not hang, and whole results arrive`() async throws {
        let server = try await PostgresServer.shared
        let relay = try await server.tlsRelay()
        try await server.withDatabase { name in
            let place = Place(.postgreSQL, url: server.tlsURL(name, port: relay.port)) {
                try await server.query($0, in: name)
            }
            try await place.withDatabase { database async throws in
                for size in [1, 100, 8_000, 16_000, 20_000, 100_000, 3_000_000] {
                    let text = try await database.first("SELECT repeat('x', \(size))", String.self)
                    #expect(text?.utf8.count == size)
                }
                for count in [50, 500, 5_000] {
                    let rows = try await database.all(
                        "SELECT n, repeat('y', 300) FROM generate_series(1, \(count)) AS n", Int.self, String.self)
                    #expect(rows.count == count && rows.last?.0 == count)
                }
                #expect(
                    try await database.first("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", Bool.self)
                        == false)
            }
            let direct = Place(.postgreSQL, url: server.tlsURL(name)) { try await server.query($0, in: name) }
            try await direct.withDatabase { database async throws in
                #expect(
                    try await database.first("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", Bool.self)
                        == true)
            }
        }
    }
}
