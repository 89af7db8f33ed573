/// A statement, written as a literal whose interpolated values are bound and never pasted.
///
/// ```swift
/// let ids = [1, 2, 3]
/// try await database.all("SELECT id, title FROM note WHERE id IN \(list: ids) AND title <> \(title)", as: Note.self)
/// ```
///
/// | interpolation | meaning |
/// |---|---|
/// | `\(value)` | a bound value; `NULL` for `nil` |
/// | `\(other)` with another ``SQL`` | that statement's text and values |
/// | `\(list: values)` | the right side of `IN` or `NOT IN`, which may be empty |
/// | `\(identifier: name)` | a quoted name of a table or column; `schema.table` is quoted as one name |
///
/// A `String` does not compile where SQL belongs. ``init(unchecked:)`` takes text of another origin.
public struct SQL: Sendable, Hashable, ExpressibleByStringInterpolation {
    /// The text, with a mark for each bound value, quoted identifier and list: the same for every dialect and for all
    /// values, so that it is the key of prepared statements.
    package internal(set) var text: StatementText

    /// The bound values, in the order of their marks. A list is one value.
    package internal(set) var values: [SQLValue]

    /// Whether a text contains the characters that marks are made of, so that it cannot be sent.
    package internal(set) var isBroken = false

    /// Marks in ``text``. No statement has these characters in its literals.
    package enum Mark {
        /// A bound value.
        package static let value: UInt8 = 1
        /// The beginning and the end of a quoted identifier.
        package static let identifier: UInt8 = 2
        /// The beginning and the end of the number of a list's places: its elements, rounded up by `paddedCount`.
        package static let list: UInt8 = 3
    }

    /// Makes a statement without values of a literal.
    public init(stringLiteral value: StaticString) {
        text = StatementText(stringLiteral: value)
        values = []
    }

    /// Makes a statement of a literal with values.
    public init(stringInterpolation: Interpolation) {
        self = stringInterpolation.sql
    }

    /// Makes a statement of text that is no literal. Whoever can choose the text can do everything that the database's
    /// user may do: never make it of anything that came with a request.
    public init(unchecked text: String) {
        self.text = StatementText(text)
        values = []
        isBroken = text.utf8.contains { $0 <= Mark.list }
    }
}
