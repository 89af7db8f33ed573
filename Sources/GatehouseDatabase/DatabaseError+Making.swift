extension DatabaseError {
    /// The same error with its statement, if it has none yet: sinks and drivers do not know it.
    func of(_ sql: SQL?) -> DatabaseError {
        guard statement.isEmpty, let sql else { return self }
        var error = self
        error.statement = sql.written
        return error
    }

    static func usage(_ message: String, _ sql: SQL? = nil) -> DatabaseError {
        DatabaseError(.usage, message).of(sql)
    }

    @usableFromInline
    static func notFound(_ sql: SQL?) -> DatabaseError {
        DatabaseError(.notFound, "there is no such row").of(sql)
    }

    static func cancelled(_ sql: SQL?) -> DatabaseError {
        DatabaseError(.cancelled, "the caller was cancelled").of(sql)
    }

    /// The error of a statement whose caller was cancelled meanwhile: an end that the cancellation may have brought
    /// about is put down to it.
    var afterCancellation: DatabaseError {
        switch kind {
        case .connectionLost, .timeout, .other, .cancelled: .cancelled(nil)
        default: self
        }
    }

    /// Whether the server has refused or ended a statement, so that a transaction cannot be committed as if nothing had
    /// happened.
    var isOfServer: Bool {
        if sqlState != nil { return true }
        return switch kind {
        case .unique, .foreignKey, .notNull, .check, .serialization, .deadlock, .timeout, .connectionLost: true
        default: false
        }
    }
}
