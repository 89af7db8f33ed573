import GatehouseDatabase
import TestSupport
import Testing

/// Transactions that are cancelled at any moment.
struct TransactionCancellationTests {
    private func run(_ database: Database) -> Task<DatabaseError?, Never> {
        task {
            do {
                try await database.transaction { transaction in
                    try await transaction.execute("S1")
                    try await transaction.transaction { try await $0.execute("S2") }
                }
                return nil
            } catch {
                return error as? DatabaseError
            }
        }
    }

    /// The error of a transaction whose closure is cancelled between two statements, and does not care.
    private func cancelledInside(_ database: Database) async -> DatabaseError.Kind? {
        await databaseError {
            try await database.transaction { transaction in
                try await transaction.execute("S1")
                withUnsafeCurrentTask { $0?.cancel() }
                _ = try? await transaction.execute("S2")
            }
        }?.kind
    }

    @Test(
        arguments: [
            "BEGIN", "S1", "SAVEPOINT gatehouse_1", "S2", "RELEASE SAVEPOINT gatehouse_1",
        ])
    func `a transaction that is cancelled leaves nothing open, behaviour 8`(_ moment: String) async throws {
        let server = FakeServer { $0 == moment ? .nothing : .changes(1) }
        let database = server.database { $0.connections = 1 }
        let transaction = run(database)
        await server.until { $0.open.count == 1 }
        transaction.cancel()
        #expect(await transaction.value?.kind == .cancelled)
        #expect(server.state.cancelled == [1])
        await server.until { $0.closed == [1] }
        #expect(!server.state.log.contains("1: COMMIT"))
        try await database.execute("S9")
        #expect(server.state.log.last == "2: S9")
    }

    @Test func `a commit that is on its way is waited for, behaviour 8`() async throws {
        let server = FakeServer { $0 == "COMMIT" ? .nothing : .changes(1) }
        let database = server.database { $0.connections = 1 }
        let transaction = run(database)
        await server.until { $0.open.count == 1 }
        transaction.cancel()
        server.answer("COMMIT", with: .changes(0))
        #expect(await transaction.value == nil)
        #expect(server.state.cancelled.isEmpty)
    }

    @Test func `a commit without an answer is unknown, and its connection closed, behaviour 8`() async throws {
        let server = FakeServer { $0 == "COMMIT" ? .nothing : .changes(1) }
        let database = server.database { $0.connections = 1 }
        let transaction = run(database)
        await server.until { $0.open.count == 1 }
        transaction.cancel()
        #expect(await transaction.value?.kind == .connectionLost(sent: true))
        #expect(server.state.closed == [1])
    }

    @Test func `a closure that ignores its cancellation is not committed, behaviour 8`() async throws {
        let server = FakeServer()
        let database = server.database()
        let kind = await Task { await cancelledInside(database) }.value
        #expect(kind == .cancelled)
        #expect(server.state.log == ["1: BEGIN", "1: S1", "1: ROLLBACK"])
    }

    @Test(.timeLimit(.minutes(1)), arguments: Caller.allCases)
    func `a rollback of a cancelled caller is not waited for in vain, behaviour 8`(_ caller: Caller) async throws {
        let server = FakeServer { $0 == "ROLLBACK" ? .nothing : .changes(1) }
        let database = server.database {
            $0.statementTimeout = .zero
            $0.idleTransactionTimeout = .zero
        }
        try await caller.run {
            let kind = await task { await cancelledInside(database) }.value
            #expect(kind == .cancelled)
        }
        await server.until { $0.closed == [1] }
        #expect(server.state.log == ["1: BEGIN", "1: S1", "1: ROLLBACK"])
    }

    @Test(arguments: Caller.allCases)
    func `five hundred transactions cancelled at random leave nothing open, behaviour 8`(
        _ caller: Caller
    ) async throws {
        let server = FakeServer()
        let database = server.database { $0.connections = 3 }
        var random = SeededGenerator(seed: 8)
        let delays = (0..<500).map { _ in random.within(0...40) }
        try await caller.run {
            await withTaskGroup(of: Void.self) { group in
                for delay in delays {
                    group.addTask {
                        let transaction = run(database)
                        for _ in 0..<delay { await Task.yield() }
                        transaction.cancel()
                        let kind = await transaction.value?.kind
                        #expect(kind == nil || kind == .cancelled)
                    }
                }
            }
            try await database.execute("S9")
        }
        // Each connection was told to begin and to end in pairs, unless it was closed.
        for connection in server.state.connections where !server.state.closed.contains(connection.number) {
            let log = server.state.log.filter { $0.hasPrefix("\(connection.number): ") }.map { $0.dropFirst(3) }
            var isOpen = false
            for statement in log {
                if statement.hasSuffix("BEGIN") {
                    #expect(!isOpen)
                    isOpen = true
                } else if statement.hasSuffix("COMMIT") || statement.hasSuffix(" ROLLBACK") || statement == "ROLLBACK" {
                    isOpen = false
                }
            }
            #expect(!isOpen)
        }
        #expect(database.status.waiting == 0)
        while database.status.open != database.status.idle { await Task.yield() }
    }
}
