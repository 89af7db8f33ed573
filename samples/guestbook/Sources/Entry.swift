import FoundationEssentials

/// An entry of the guestbook: a row of `entry`.
struct Entry: Codable, Sendable {
    /// The state of the picture that came with an entry.
    enum Picture: String, Codable, Sendable {
        /// The job that makes its thumbnail has not been done yet.
        case waiting
        /// The thumbnail is there.
        case ready
        /// It was no picture.
        case unreadable
    }

    /// Made here and not by the database: each has its own way to make a key, and to say which it made.
    var id: UUID
    /// The account that wrote it.
    var person: UUID
    /// The name that was written under it, which need not be the account's.
    var name: String
    var text: String
    /// `nil` without a picture.
    var picture: Picture?
    var written: Date
}

/// An entry as a page shows it.
struct ShownEntry: Encodable, Sendable {
    var id: UUID
    var name: String
    var text: String
    var picture: Entry.Picture?
    var written: Date
    /// Whether the reader has written it, and may delete it.
    var isOwn: Bool

    init(_ entry: Entry, isOwn: Bool) {
        id = entry.id
        name = entry.name
        text = entry.text
        picture = entry.picture
        written = entry.written
        self.isOwn = isOwn
    }
}
