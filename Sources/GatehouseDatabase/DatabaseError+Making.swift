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

    /// The error of a statement in a transaction that is no more.
    static func unexpected(_ state: ConnectionState, _ sql: SQL) -> DatabaseError {
        switch state {
        case .idle, .inTransaction:
            usage(
                "the transaction has ended on the server before this statement, by a COMMIT or ROLLBACK among its "
                    + "statements, or by one that commits by itself, as CREATE TABLE does on MySQL", sql)
        case .inFailedTransaction: usage("a statement of the transaction has failed: it can only be rolled back", sql)
        case .busy: usage("another statement of the same connection is on its way: await it first", sql)
        case .unusable:
            DatabaseError(
                .connectionLost(sent: false), "the transaction's connection is lost, and with it the transaction"
            )
            .of(sql)
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
