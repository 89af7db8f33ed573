import Synchronization

/// A connection that the current task holds for a transaction or a stream, so that the database can refuse to be asked
/// for a second one: whoever holds one and waits for another may wait for himself. Tasks that are started meanwhile
/// inherit it, and it says so when it is over.
final class HeldConnection: Sendable {
    @TaskLocal static var current: HeldConnection?

    private let database: Database
    private let isStream: Bool
    /// The connection, of another database, that is held too.
    private let outer: HeldConnection?
    private let isHeld = Atomic(true)

    init(of database: Database, isStream: Bool) {
        self.database = database
        self.isStream = isStream
        outer = Self.current
    }

    /// It was given back.
    func end() { isHeld.store(false, ordering: .releasing) }

    /// The error of a statement by itself; `nil` if the task holds no connection of that database.
    func refusal(for database: Database, _ sql: SQL?) -> DatabaseError? {
        guard self.database === database, isHeld.load(ordering: .acquiring) else {
            return outer?.refusal(for: database, sql)
        }
        return .usage(
            isStream
                ? "the database is used while its rows are streamed, which holds a connection already: read them by "
                    + "all(_:as:atMost:) first, page by page if there are many"
                : "the database is used inside its own transaction: send the statement by the transaction that the "
                    + "closure is given", sql)
    }
}
