import CGatehouseDatabase

/// The client's library of a kind of database, opened when the first database of that kind is made, and never closed.
struct ClientLibrary: Sendable {
    /// The reason why the library cannot be used, and what to install; `nil` if it is open.
    private let failure: String?

    /// Opens a library. Not for several threads at once: each library is a `static let`.
    /// - Parameters:
    ///   - open: the C function that opens it. Returns 0, or writes the reason to the buffer.
    ///   - message: makes the error's message of the reason.
    private init(_ open: (UnsafeMutablePointer<CChar>, Int) -> Int32, message: (_ reason: String) -> String) {
        var reason = [CChar](repeating: 0, count: 512)
        guard open(&reason, reason.count) != 0 else {
            failure = nil
            return
        }
        failure = message(String(decoding: reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }

    /// - Throws: `.usage` if the library is missing, with the package that has it.
    func mustBeOpen() throws(DatabaseError) {
        if let failure { throw DatabaseError(.usage, failure) }
    }
}

extension ClientLibrary {
    static let postgreSQL = ClientLibrary(gatehouse_libpq_open) { reason in
        "PostgreSQL needs the library libpq.so.5 (Debian: apt install libpq5): \(reason)"
    }

    static let mySQL = ClientLibrary(gatehouse_mysql_open_library) { reason in
        "MySQL's client library cannot be used: \(reason); on Debian and Ubuntu the package libmariadb3 has it"
    }

    static let sqlite = ClientLibrary(gatehouse_sqlite_load) { reason in
        "SQLite needs libsqlite3.so.0 (Debian and Ubuntu: apt install libsqlite3-0): \(reason)"
    }
}
