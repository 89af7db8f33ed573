public import Hummingbird

extension DatabaseError {
    /// The HTTP status if nobody handles the error: 404 for ``Kind/notFound``, 409 for broken constraints and for
    /// transactions that met another one, 503 if the database cannot be had now, 400 for text that no database can
    /// hold (U+0000), 500 otherwise.
    public var status: HTTPResponse.Status {
        switch kind {
        case .notFound: .notFound
        case .unique, .foreignKey, .serialization, .deadlock: .conflict
        case .timeout, .cancelled, .connectionLost, .exhausted: .serviceUnavailable
        case .invalidText: .badRequest
        case .notNull, .check, .tooManyRows, .data, .usage, .other: .internalServerError
        }
    }
}
