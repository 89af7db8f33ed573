import FoundationEssentials
import GatehouseDatabase
import GatehouseWeb

/// The statements about entries. Their SQL is the same for all databases.
struct EntryStore: Sendable {
    /// The most characters of what is searched for.
    static let longestSearch = 100

    let database: Database

    /// A page of the entries whose name or text has these words, the newest first.
    func list(search: String, _ page: PageRequest) async throws(DatabaseError) -> Page<Entry> {
        var sql: SQL = "SELECT id, person, name, text, picture, written FROM entry"
        if !search.isEmpty {
            let pattern = Self.pattern(search)
            sql += " WHERE lower(name) LIKE \(pattern) ESCAPE '!' OR lower(text) LIKE \(pattern) ESCAPE '!'"
        }
        return try await database.page(sql + " ORDER BY written DESC, id DESC", as: Entry.self, page)
    }

    /// - Returns: `nil` if there is none, or none any more.
    func entry(_ id: UUID) async throws(DatabaseError) -> Entry? {
        try await database.first("SELECT id, person, name, text, picture, written FROM entry WHERE id = \(id)")
    }

    /// A transaction stays with the task that began it: hence `nonsending`.
    nonisolated(nonsending) func add(_ entry: Entry, in transaction: Transaction) async throws(DatabaseError) {
        try await transaction.insert(entry, into: "entry")
    }

    /// Deletes an entry of a person's own: what is somebody else's is not there for him.
    func delete(_ id: UUID, of person: UUID) async throws(DatabaseError) {
        let changes = try await database.execute("DELETE FROM entry WHERE id = \(id) AND person = \(person)")
        guard changes.rows > 0 else { throw DatabaseError(.notFound, "there is no such entry of this person") }
    }

    /// - Returns: whether the entry is still there.
    func set(_ picture: Entry.Picture, of id: UUID) async throws(DatabaseError) -> Bool {
        try await database.execute("UPDATE entry SET picture = \(picture.rawValue) WHERE id = \(id)").rows > 0
    }

    /// A text for LIKE, in which the reader's own `%` and `_` are characters like any other. By scalars, as databases
    /// read it: for Swift, `%` and an accent after it are one character, which is no `%`.
    static func pattern(_ text: String) -> String {
        var pattern = "%"
        for scalar in text.lowercased().unicodeScalars {
            if scalar == "%" || scalar == "_" || scalar == "!" { pattern.unicodeScalars.append("!") }
            pattern.unicodeScalars.append(scalar)
        }
        return pattern + "%"
    }
}
