/// An error of a database, of the way to it, or of the use of it.
///
/// Its texts have the statement as it was written, and never a value, a password or a row. If no handler takes it, the
/// client gets its HTTP status and nothing of it.
public struct DatabaseError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of error; open, so that a new one breaks no `switch`.
    public enum Kind: Sendable, Equatable {
        /// A unique or primary key has the value already; with the constraint's name if the server says it.
        case unique(String?)
        /// A foreign key's row does not exist, or is still referred to.
        case foreignKey(String?)
        /// A column must not be `NULL`; with the column's name.
        case notNull(String?)
        /// A check constraint is not fulfilled.
        case check(String?)
        /// The transaction met another one and can be tried again.
        case serialization
        /// The server has ended one of two transactions that waited for each other.
        case deadlock
        /// A statement, a lock or an idle transaction took longer than its limit.
        case timeout
        /// The caller was cancelled, and with it the statement.
        case cancelled
        /// The connection broke or could not be made. `sent`: the statement may have been carried out.
        case connectionLost(sent: Bool)
        /// No connection became free within the limit.
        case exhausted
        /// ``Queryable/one(_:as:)`` found no row.
        case notFound
        /// There are more rows than the caller takes.
        case tooManyRows
        /// A value does not fit: of a column into a type, or of a type into a column.
        case data
        /// A text to bind contains U+0000, which is no text to a database. It comes from the client: nobody types it.
        case invalidText
        /// The statement or the call is wrong.
        case usage
        /// Any other error of the server.
        case other
    }

    /// The kind.
    public var kind: Kind
    /// The server's code of five characters (`23505`); `nil` if the error is none of the server's.
    public var sqlState: String?
    /// The message, in one line.
    public var message: String
    /// The statement as it was written, with a placeholder for each value; empty if there is none.
    public var statement: String

    /// Makes an error.
    public init(_ kind: Kind, _ message: String, sqlState: String? = nil, statement: String = "") {
        self.kind = kind
        self.message = message
        self.sqlState = sqlState
        self.statement = statement
    }

    /// The message, the code and the statement, in one line.
    public var description: String {
        var text = message
        if let sqlState { text += " (SQLSTATE \(sqlState))" }
        if !statement.isEmpty { text += ", in: \(statement)" }
        return text
    }
}
