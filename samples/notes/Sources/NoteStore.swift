import FoundationEssentials
import GatehouseDatabase

/// The statements. Their SQL is the same for all databases.
struct NoteStore: Sendable {
    static let pageSize = 20
    /// Further pages cost the database a look at all rows before them.
    static let lastPage = 500

    /// The most characters of what is searched for: the work of a search grows with its length.
    static let longestSearch = 100

    let database: Database

    /// Notes whose title or body has a text, the one that was changed last first.
    func list(search: String, page: Int) async throws(DatabaseError) -> NotePage {
        var sql: SQL = "SELECT id, title, body, changed FROM note"
        if !search.isEmpty {
            let pattern = Self.pattern(search)
            sql += " WHERE lower(title) LIKE \(pattern) ESCAPE '!' OR lower(body) LIKE \(pattern) ESCAPE '!'"
        }
        // One more than are shown says whether there is a further page.
        let size = Self.pageSize
        sql += " ORDER BY changed DESC, id DESC LIMIT \(size + 1) OFFSET \((page - 1) * size)"
        let notes = try await database.all(sql, as: Note.self)
        return NotePage(
            search: search, page: page, notes: Array(notes.prefix(size)),
            hasMore: notes.count > size && page < Self.lastPage)
    }

    /// - Throws: `.notFound`, which is a 404 if nobody takes it.
    func note(_ id: UUID) async throws(DatabaseError) -> Note {
        try await database.one("SELECT id, title, body, changed FROM note WHERE id = \(id)")
    }

    func create(_ text: NoteText) async throws(DatabaseError) -> Note {
        let note = Note(id: UUID(), title: text.title, body: text.body ?? "", changed: .now)
        try await database.insert(note, into: "note")
        return note
    }

    /// Changes a note. The time changes with it, so that every database counts the row as changed.
    func change(_ id: UUID, to text: NoteText) async throws(DatabaseError) -> Note {
        let note = Note(id: id, title: text.title, body: text.body ?? "", changed: .now)
        let changes = try await database.execute(
            "UPDATE note SET title = \(note.title), body = \(note.body), changed = \(note.changed) WHERE id = \(id)")
        guard changes.rows > 0 else { throw Self.noNote }
        return note
    }

    func delete(_ id: UUID) async throws(DatabaseError) {
        let changes = try await database.execute("DELETE FROM note WHERE id = \(id)")
        guard changes.rows > 0 else { throw Self.noNote }
    }

    private static let noNote = DatabaseError(.notFound, "there is no such note")

    /// A text for LIKE, in which the client's own `%` and `_` are characters like any other. By scalars, as databases
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
