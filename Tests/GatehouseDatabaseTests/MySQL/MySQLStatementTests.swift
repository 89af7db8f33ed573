import DatabaseTestSupport
import Testing

@testable import GatehouseDatabase

struct MySQLStatementTests {
    @Test func `values are bound and rows come back, behaviour 1`() async throws {
        try await MySQLClient.use { client in
            try await client.run("CREATE TABLE note (id INT PRIMARY KEY AUTO_INCREMENT, title VARCHAR(100) NOT NULL)")
            let title = "'; DROP TABLE note; -- \" \\ 🦉"
            let first = try await client.run("INSERT INTO note (title) VALUES (\(title))")
            #expect(first == Changes(rows: 1, lastID: 1))
            let second = try await client.run("INSERT INTO note (title) VALUES (\("b")), (\("c"))")
            #expect(second == Changes(rows: 2, lastID: 2))
            let rows = try await client.rows("SELECT id, title FROM note ORDER BY id", Int.self, String.self)
            #expect(rows.map(\.0) == [1, 2, 3] && rows.map(\.1) == [title, "b", "c"])
            let one = try await client.rows("SELECT \(identifier: "title") FROM note WHERE id = \(3)", String.self)
            #expect(one == ["c"])
        }
    }

    @Test func `a list is the right side of IN, and may be empty, behaviour 23`() async throws {
        try await MySQLClient.use { client in
            try await client.run("CREATE TABLE n (id INT)")
            try await client.run("INSERT INTO n VALUES (1), (2), (3)")
            for (list, within, without) in [([1, 3], "1,3", "2"), ([], "", "1,2,3"), ([2], "2", "1,3")] {
                let found = try await client.texts("SELECT id FROM n WHERE id IN \(list: list) ORDER BY id")
                #expect(found.map { $0[0] ?? "" }.joined(separator: ",") == within)
                let others = try await client.texts("SELECT id FROM n WHERE id NOT IN \(list: list) ORDER BY id")
                #expect(others.map { $0[0] ?? "" }.joined(separator: ",") == without)
            }
        }
    }

    @Test func `an update counts the rows that its WHERE finds`() async throws {
        try await MySQLClient.use { client in
            try await client.run("CREATE TABLE n (id INT, v INT)")
            try await client.run("INSERT INTO n VALUES (1, 1), (2, 1)")
            #expect(try await client.run("UPDATE n SET v = 1").rows == 2)
            #expect(try await client.run("DELETE FROM n WHERE id = 5").rows == 0)
            #expect(try await client.run("SELECT * FROM n").rows == 2)
        }
    }
}
