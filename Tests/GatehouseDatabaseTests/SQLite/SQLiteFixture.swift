@testable import GatehouseDatabase
import TestSupport

/// An SQLite file in a folder of its own, and the source under test.
final class SQLiteFixture: Sendable {
    private nonisolated(unsafe) let folder: TemporaryFolder
    let path: String
    let source: SQLiteSource

    init(_ url: String? = nil, stepsPerLook: Int32 = 1_000, _ change: (inout DatabaseSettings) -> Void = { _ in })
        throws
    {
        folder = try TemporaryFolder()
        path = folder.path + "/data.sqlite"
        source = try Self.source(url ?? "sqlite:", folder.path, stepsPerLook: stepsPerLook, change)
    }

    static func source(
        _ url: String, _ folder: String, stepsPerLook: Int32 = 1_000,
        _ change: (inout DatabaseSettings) -> Void = { _ in }
    ) throws -> SQLiteSource {
        var settings = DatabaseSettings(url: url)
        change(&settings)
        return try SQLiteSource(settings, stepsPerLook: stepsPerLook) { () throws(DatabaseError) in folder }
    }

    /// Makes a table of notes.
    func withNotes() async throws -> Self {
        try await execute("CREATE TABLE note (id INTEGER PRIMARY KEY, title TEXT NOT NULL UNIQUE CHECK (title <> ''))")
        return self
    }

    @discardableResult
    func execute(_ sql: SQL) async throws(DatabaseError) -> Changes {
        try await source.run(sql, into: nil, start: nil)
    }

    func all<each Value: ColumnValue>(
        _ sql: SQL, _ types: repeat (each Value).Type, atMost limit: Int = 10_000
    ) async throws(DatabaseError) -> [(repeat each Value)] {
        let sink = CollectingSink(ColumnsReader(repeat each types), atMost: limit)
        _ = try await source.run(sql, into: sink, start: nil)
        return sink.rows
    }

    func column<Value: ColumnValue>(
        _ sql: SQL, _ type: Value.Type, atMost limit: Int = 10_000
    ) async throws(DatabaseError) -> [Value] {
        let sink = CollectingSink(ColumnsReader(type), atMost: limit)
        _ = try await source.run(sql, into: sink, start: nil)
        return sink.rows
    }

    func count(_ sql: SQL = "SELECT count(*) FROM note") async throws(DatabaseError) -> Int {
        try await column(sql, Int.self).first ?? -1
    }

    /// The error of a statement; `nil` if it succeeds.
    func failure(_ sql: SQL) async -> DatabaseError? {
        do {
            try await execute(sql)
            return nil
        } catch {
            return error
        }
    }
}

extension SQL {
    /// A statement that runs for minutes unless it is ended, in SQLite's own steps.
    static let endless: SQL =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000000000) SELECT count(*) FROM n"
}
