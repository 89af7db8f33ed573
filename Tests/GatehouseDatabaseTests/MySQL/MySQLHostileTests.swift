import Synchronization
import TestSupport
import Testing

@testable import GatehouseDatabase

/// A server that answers what no server answers.
struct MySQLHostileTests {
    @Test func `a statement that the server has forgotten is prepared anew, behaviour 14`() async throws {
        let executions = Mutex(0)
        let impostor = try MySQLImpostor { command in
            switch command.first {
            case MySQLImpostor.Command.prepare: return MySQLImpostor.prepared()
            case MySQLImpostor.Command.execute:
                let count = executions.withLock {
                    $0 += 1
                    return $0
                }
                return count == 2 ? MySQLImpostor.error(1243, "Unknown prepared statement handler") : MySQLImpostor.ok()
            default: return []
            }
        }
        try await MySQLClient.use(impostor.url) { client in
            for _ in 0..<3 { try await client.run("DO 1") }
            #expect(executions.withLock { $0 } == 4)
        }
    }

    @Test func `a server that forgets every statement is an error`() async throws {
        let impostor = try MySQLImpostor.failing(1243, "Unknown prepared statement handler")
        try await MySQLClient.use(impostor.url) { client in
            let error = await client.failure("DO 1")
            #expect(error?.kind == .other && error?.message.contains("Unknown prepared") == true)
            #expect(await client.state == .idle)
        }
    }

    @Test func `a server that has become one that reads is left`() async throws {
        let impostor = try MySQLImpostor.failing(1290, "running with the --read-only option")
        try await MySQLClient.use(impostor.url) { client in
            #expect(await client.failure("DO 1")?.kind == .other)
            #expect(await client.isTainted)
        }
    }

    @Test func `a result with fewer columns under the same hash is read to its own end, behaviour 25`() async throws {
        let queries = Mutex(0)
        let a = Array("a".utf8), b = Array("b".utf8)
        let cell = [1] + Array("x".utf8)
        let impostor = try MySQLImpostor { command in
            guard command.first == MySQLImpostor.Command.query else {
                return MySQLImpostor.error(1295, "not supported in the prepared statement protocol yet")
            }
            let isFirst = queries.withLock {
                $0 += 1
                return $0 == 1
            }
            let head =
                isFirst
                ? MySQLImpostor.packet([2]) + MySQLImpostor.column(253, 2, named: a)
                    + MySQLImpostor.column(253, 3, named: b)
                : MySQLImpostor.packet([1]) + MySQLImpostor.column(253, 2, named: a + [0xFF] + b)
            let next: UInt8 = isFirst ? 4 : 3
            return head + MySQLImpostor.eof(next) + MySQLImpostor.packet(isFirst ? cell + cell : cell, next + 1)
                + MySQLImpostor.eof(next + 2)
        }
        try await MySQLClient.use(impostor.url) { client in
            let first = try await client.texts("SELECT 1")
            let second = try await client.texts("SELECT 1")
            #expect(first == [["x", "x"]] && second == [["x"]])
        }
    }

    @Test func `a batch that is lost after its beginning is not one that was not sent, behaviour 6`() async throws {
        let prepared = Mutex(0)
        let impostor = try MySQLImpostor { command in
            switch command.first {
            case MySQLImpostor.Command.prepare:
                let count = prepared.withLock {
                    $0 += 1
                    return $0
                }
                return count == 1 ? MySQLImpostor.prepared() : nil
            case MySQLImpostor.Command.execute, MySQLImpostor.Command.query: return MySQLImpostor.ok(status: 3)
            default: return []
            }
        }
        try await MySQLClient.use(impostor.url) { client in
            do throws(DatabaseError) {
                _ = try await client.run(batch: [BatchStatement("DO 1"), BatchStatement("DO 2")])
                Issue.record("nothing was thrown")
            } catch {
                #expect(error.kind == .connectionLost(sent: true) && error.statement == "DO 2")
            }
            #expect(prepared.withLock { $0 } == 2)
        }
    }

    /// Answers to an execution, each followed by the end of the stream.
    static let answers: [[UInt8]] = {
        var answers: [[UInt8]] = [
            [], [1], [1, 0, 0, 1], MySQLImpostor.packet([]), MySQLImpostor.packet([0xFF]), MySQLImpostor.packet([0xFE]),
            MySQLImpostor.packet([0xFB]) + MySQLImpostor.ok(3), MySQLImpostor.packet([0xFC, 255, 255]),
            MySQLImpostor.packet([0xFE, 255, 255, 255, 255, 255, 255, 255, 255]), MySQLImpostor.packet([0]),
            MySQLImpostor.packet([0xFF, 0xD0, 0x07]), [255, 255, 255, 1], MySQLImpostor.packet([1]),
        ]
        // Results of one column of any type, with rows of any length.
        for type in 0...255 {
            let isKnown = type <= 16 || type >= 245
            let rows = [[0, 0, 255], [0, 0], [0, 0, 0xFE, 255, 255, 255, 255, 255, 255, 255, 255], [0, 4], [0]]
            for row in isKnown ? rows : Array(rows.prefix(1)) {
                answers.append(
                    MySQLImpostor.packet([1]) + MySQLImpostor.column(UInt8(type), 2) + MySQLImpostor.eof(3)
                        + MySQLImpostor.packet(row.map(UInt8.init), 4) + MySQLImpostor.eof(5))
            }
        }
        return answers
    }()

    @Test func `whatever a server answers, there is an end, behaviour 25`() async throws {
        var generator = SeededGenerator(seed: 25)
        var answers = Self.answers
        let result =
            MySQLImpostor.packet([2]) + MySQLImpostor.column(3, 2) + MySQLImpostor.column(253, 3) + MySQLImpostor.eof(4)
            + MySQLImpostor.packet([0, 0, 1, 0, 0, 0, 3, 97, 98, 99], 5) + MySQLImpostor.eof(6)
        for _ in 0..<200 {
            var mutated = result
            for _ in 0...Int.random(in: 0...3, using: &generator) {
                let index = Int.random(in: 0..<mutated.count, using: &generator)
                mutated[index] = UInt8.random(in: 0...255, using: &generator)
            }
            answers.append(mutated)
        }
        let next = Mutex(0)
        let impostor = try MySQLImpostor(closingAfter: MySQLImpostor.Command.execute) { [answers] command in
            switch command.first {
            case MySQLImpostor.Command.prepare: return MySQLImpostor.prepared()
            case MySQLImpostor.Command.execute: return answers[next.withLock { $0 }]
            default: return nil
            }
        }
        for index in answers.indices {
            next.withLock { $0 = index }
            try await MySQLClient.use(impostor.url) { client in
                let error = await client.failure("SELECT 1")
                #expect(error == nil || error?.statement == "SELECT 1")
            }
        }
    }
}
