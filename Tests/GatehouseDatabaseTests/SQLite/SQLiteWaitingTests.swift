@testable import GatehouseDatabase
import Glibc
import Testing

/// Waiting: for whom, and how long; and the threads, which come and go.
struct SQLiteWaitingTests {
    @Test func `a statement that takes too long is ended, behaviour 17`() async throws {
        let fixture = try await SQLiteFixture { $0.statementTimeout = .milliseconds(400) }.withNotes()
        let error = await fixture.failure(.endless)
        #expect(error?.kind == .timeout && error?.message.contains("statement-timeout (400ms)") == true)
        #expect(await fixture.failure("INSERT INTO note (title) " + .endless)?.kind == .timeout)
        #expect(try await fixture.count() == 0)
    }

    @Test func `a cancelled caller's statement ends, and no other, behaviours 8 and 9`() async throws {
        let fixture = try await SQLiteFixture { $0.connections = 1 }.withNotes()
        for round in 0..<50 {
            let endless = Task { await fixture.failure(.endless)?.kind }
            let others = (0..<8).map { index in
                Task { try await fixture.execute("INSERT INTO note (title) VALUES (\("\(round)/\(index)"))") }
            }
            let queued = Task { await fixture.failure("SELECT 1")?.kind }
            if round % 2 == 0 { await Task.yield() }
            endless.cancel()
            #expect(await endless.value == .cancelled)
            #expect(await queued.value == nil)
            for other in others { _ = try await other.value }
        }
        #expect(try await fixture.count() == 400)
    }

    @Test func `writes that are cancelled at random moments are whole or not there, behaviour 8`() async throws {
        // A look at every second step, so that each statement is interrupted at some time, ROLLBACK too.
        let fixture = try await SQLiteFixture(stepsPerLook: 2).withNotes()
        try await fixture.execute("CREATE TABLE pair (a INTEGER)")
        var done = 0
        for round in 0..<300 {
            let task = Task {
                try await fixture.source.run(batch: [
                    BatchStatement("INSERT INTO pair VALUES (\(round))"),
                    BatchStatement("INSERT INTO pair VALUES (\(round))"),
                ])
            }
            async let other = fixture.execute("INSERT INTO note (title) VALUES (\("note \(round)"))")
            for _ in 0..<(round % 7) { await Task.yield() }
            task.cancel()
            let noted = try await other
            #expect(noted.rows == 1)
            if case .success = await task.result { done += 1 }
        }
        let notes = try await fixture.count()
        #expect(notes == 300)
        #expect(
            try await fixture.count("SELECT count(*) FROM (SELECT a FROM pair GROUP BY a HAVING count(*) <> 2)") == 0)
        #expect(try await fixture.count("SELECT count(DISTINCT a) FROM pair") >= done)
    }

    @Test func `whoever waits too long for the writer hears who has it, behaviours 2 and 4`() async throws {
        let fixture = try await SQLiteFixture { $0.wait = .milliseconds(400) }.withNotes()
        let connection = try await fixture.source.acquire(for: .transaction)
        let error = await fixture.failure("INSERT INTO note VALUES (1, 'a')")
        #expect(
            error?.kind == .exhausted && error?.message.contains("within wait (400ms): 1 transaction or stream") == true
        )
        await #expect { try await fixture.source.acquire(for: .transaction) } throws: {
            ($0 as? DatabaseError)?.kind == .exhausted
        }
        #expect(try await fixture.count() == 0)
        fixture.source.release(connection)
        try await fixture.execute("INSERT INTO note VALUES (1, 'a')")
    }

    @Test func `the writer is had in the order of asking, behaviour 2`() async throws {
        let fixture = try await SQLiteFixture().withNotes()
        let first = try await fixture.source.acquire(for: .transaction)
        var tasks: [Task<Void, any Error>] = []
        for index in 1...20 {
            tasks.append(
                Task {
                    if index % 5 == 0 {
                        let connection = try await fixture.source.acquire(for: .transaction)
                        try await connection.perform("INSERT INTO note (title) VALUES (\("\(index)"))")
                        fixture.source.release(connection)
                    } else {
                        try await fixture.execute("INSERT INTO note (title) VALUES (\("\(index)"))")
                    }
                })
            while fixture.source.status.waiting < index { await Task.yield() }
        }
        fixture.source.release(first)
        for task in tasks { try await task.value }
        #expect(try await fixture.column("SELECT title FROM note ORDER BY id", String.self) == (1...20).map { "\($0)" })
    }

    @Test func `a long read holds up no other`() async throws {
        let fixture = try await SQLiteFixture { $0.connections = 2 }.withNotes()
        let endless = Task { await fixture.failure(.endless)?.kind }
        for _ in 0..<100 { _ = try await fixture.count() }
        endless.cancel()
        #expect(await endless.value == .cancelled)
    }

    @Test func `threads end when they have nothing to do, and come back`() async throws {
        let fixture = try await SQLiteFixture { $0.idle = .milliseconds(20) }.withNotes()
        _ = try await fixture.count()
        #expect(fixture.source.status.limit == 6)
        while fixture.source.status.open > 0 { await Task.yield() }
        // The last connection has copied its log into the file.
        #expect(access(fixture.path + "-wal", F_OK) != 0)
        #expect(try await fixture.count() == 0)
    }

    @Test func `at the end no thread and no log is left, and nothing new begins`() async throws {
        let fixture = try await SQLiteFixture().withNotes()
        async let last = fixture.execute("INSERT INTO note VALUES (1, 'a')")
        _ = try await last
        await fixture.source.shutDown()
        #expect(fixture.source.status.open == 0)
        #expect(access(fixture.path + "-wal", F_OK) != 0)
        #expect(await fixture.failure("SELECT 1")?.kind == .connectionLost(sent: false))
    }

    @Test func `a source that drains serves its last callers`() async throws {
        let fixture = try await SQLiteFixture().withNotes()
        fixture.source.closeIdle()
        while fixture.source.status.open > 0 { await Task.yield() }
        #expect(try await fixture.count() == 0)
        try await fixture.execute("INSERT INTO note VALUES (1, 'a')")
        while fixture.source.status.open > 0 { await Task.yield() }
    }
}
