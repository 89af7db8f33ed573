/// Another program with SQLite files open: a second opinion on what the code under test did, and somebody who locks.
public final class SQLiteObserver: Sendable {
    private static let starting = Task { try await SQLiteObserver() }

    public static var shared: SQLiteObserver {
        get async throws { try await starting.value }
    }

    private let process: ServerProcess

    private init() async throws { process = try await .start("sqlite", [String: String]()) }

    /// The rows of the last of some statements. `nil` is NULL.
    public func query(_ sql: String, in file: String) async throws -> [[String?]] {
        try await process.ask("query", file, sql, as: [[String?]].self)
    }

    /// Keeps everybody else from writing to a file until `unlock`.
    public func lock(_ file: String) async throws { try await process.order("lock", file) }

    public func unlock(_ file: String) async throws { try await process.order("unlock", file) }
}
