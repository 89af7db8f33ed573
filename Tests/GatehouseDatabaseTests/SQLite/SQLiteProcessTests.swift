@testable import GatehouseDatabase
import Glibc
import Testing
import TestSupport

/// Several processes with one file.
struct SQLiteProcessTests {
    @Test func `a process that is killed in the middle of writing leaves whole transactions, behaviour 24`()
        async throws
    {
        let fixture = try await SQLiteFixture().withNotes()
        try await fixture.execute("CREATE TABLE pair (a INTEGER)")
        let path = fixture.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let source = try SQLiteFixture.source("sqlite:\(path)", "/")
            let acknowledged = open(path + ".acknowledged", O_WRONLY | O_CREAT | O_APPEND, 0o600)
            await withTaskGroup(of: Void.self) { group in
                for caller in 0..<32 {
                    group.addTask {
                        for number in 0... {
                            let value = caller * 1_000_000 + number
                            let pair = BatchStatement("INSERT INTO pair VALUES (\(value))")
                            guard (try? await source.run(batch: [pair, pair])) != nil else { return }
                            let line = Array("\(value)\n".utf8)
                            _ = write(acknowledged, line, line.count)
                            if caller == 7, number == 20 { kill(getpid(), SIGKILL) }
                        }
                    }
                }
            }
        }
        let other = try SQLiteFixture("sqlite:\(path)")
        #expect(try await other.count("SELECT count(*) FROM (SELECT a FROM pair GROUP BY a HAVING count(*) <> 2)") == 0)
        let pairs = Set(try await other.column("SELECT DISTINCT a FROM pair", Int.self))
        let text = try #require(fopen(path + ".acknowledged", "r"))
        defer { fclose(text) }
        var line = [CChar](repeating: 0, count: 64)
        var count = 0
        while fgets(&line, 64, text) != nil {
            #expect(pairs.contains(Int(atol(line))))
            count += 1
        }
        #expect(count >= 20)
        #expect(try await other.column("PRAGMA integrity_check", String.self) == ["ok"])
    }

    @Test func `two processes write into one file without an error`() async throws {
        let fixture = try await SQLiteFixture().withNotes()
        let path = fixture.path
        async let other = #expect(processExitsWith: .success) { [path = path as String] in
            let source = try SQLiteFixture.source("sqlite:\(path)", "/")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for caller in 0..<16 {
                    group.addTask {
                        for number in 0..<50 {
                            _ = try await source.run(
                                "INSERT INTO note (title) VALUES (\("other \(caller) \(number)"))", into: nil,
                                start: nil)
                        }
                    }
                }
                try await group.waitForAll()
            }
            await source.shutDown()
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<16 {
                group.addTask {
                    for number in 0..<50 {
                        try await fixture.execute("INSERT INTO note (title) VALUES (\("own \(caller) \(number)"))")
                    }
                }
            }
            try await group.waitForAll()
        }
        _ = await other
        #expect(try await fixture.count() == 1_600)
    }
}
