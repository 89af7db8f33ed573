import FoundationEssentials

/// A note, as the database and clients that ask for JSON have it.
struct Note: Codable, Sendable {
    /// Made here and not by the database: each has its own way to make a key, and to say which it made.
    var id: UUID
    var title: String
    var body: String
    /// The last change.
    var changed: Date
}

/// A note as a client writes it, in a form or in JSON.
struct NoteText: Codable, Sendable {
    static let longestTitle = 200
    static let longestBody = 20_000

    var title: String
    var body: String?

    /// A sentence about the first fault for the writer; `nil` if there is none.
    var fault: String? {
        if title.allSatisfy(\.isWhitespace) { return "A note needs a title." }
        if title.unicodeScalars.count > Self.longestTitle {
            return "The title has more than \(Self.longestTitle) characters."
        }
        if (body ?? "").unicodeScalars.count > Self.longestBody {
            return "The note has more than \(Self.longestBody) characters."
        }
        if (title + (body ?? "")).utf8.contains(0) { return "The note has a character that no database takes." }
        return nil
    }
}

/// One page of notes.
struct NotePage: Codable, Sendable {
    /// The words that were searched for; empty for all notes.
    var search: String
    /// From 1 on.
    var page: Int
    var notes: [Note]
    /// Whether there is a further page.
    var hasMore: Bool
}
