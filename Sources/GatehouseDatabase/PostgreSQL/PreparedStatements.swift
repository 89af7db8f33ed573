/// One statement's text in PostgreSQL's words, and its state on one connection.
final class PreparedStatement: CachedStatement {
    let text: String
    let traits: StatementTraits
    /// The name on the server. Another one is taken after a name has turned out to be unusable.
    fileprivate(set) var name: String { didSet { cName = name.utf8CString } }
    /// The name for libpq. A short `String` would be copied to the heap for each use.
    private(set) var cName: ContiguousArray<CChar>
    /// Whether the server has it under ``name``.
    var isOnServer = false
    /// Whether it is being prepared by what has been sent.
    var isBeingPrepared = false
    /// The columns of its result, once there was one.
    var columns: ColumnNames?
    var lastUse: UInt64 = 0

    fileprivate init(_ text: String, name: String) {
        self.text = text
        self.name = name
        cName = name.utf8CString
        traits = StatementTraits(text)
    }
}

/// The statements of one connection, by their neutral text: the most recently used ones.
struct PreparedStatements {
    static let limit = 256

    private var statements = StatementCache<PreparedStatement>()
    /// The beginning of all names: no other connection uses it, because behind a pooler they share a session, and there
    /// a name of somebody else's would be somebody else's statement.
    private let prefix: String
    private var names = 0
    /// Statements to remove from the server.
    private(set) var evicted: [PreparedStatement] = []

    init() {
        prefix = "g" + String(UInt64.random(in: 0..<1 << 40), radix: 36) + "_"
    }

    /// The statement of a text.
    /// - Throws: `.usage` if the text cannot be sent.
    mutating func statement(for sql: SQL) throws(DatabaseError) -> PreparedStatement {
        if let known = statements.use(sql.text) { return known }
        let new = PreparedStatement(try sql.rendered(for: .postgreSQL).text, name: nextName())
        if statements.count >= Self.limit, let oldest = statements.removeOldest() { evicted.append(oldest.statement) }
        statements.insert(new, for: sql.text)
        return new
    }

    private mutating func nextName() -> String {
        names += 1
        return prefix + String(names, radix: 36)
    }

    /// Takes the names of the statements to remove from the server, some at a time. None, if the session cannot carry
    /// out a statement now.
    mutating func takeEvicted() -> [String] {
        guard !evicted.isEmpty else { return [] }
        let names = evicted.prefix(16).filter(\.isOnServer).map(\.name)
        evicted.removeFirst(min(16, evicted.count))
        return names
    }

    /// Has a statement prepared anew, under another name, when it is used the next time.
    mutating func renew(_ statement: PreparedStatement) {
        statement.isOnServer = false
        statement.name = nextName()
        statement.columns = nil
    }

    /// Forgets all: the server has none any more.
    mutating func removeAll() {
        for statement in statements.removeAll() { statement.isOnServer = false }
        evicted = []
    }
}
