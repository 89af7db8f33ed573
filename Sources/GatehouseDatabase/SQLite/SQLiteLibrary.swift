import CGatehouseDatabase

/// The library libsqlite3, opened by the first use.
enum SQLiteLibrary {
    /// The reason why the library cannot be used; `nil` if it is open.
    private static let fault: String? = {
        var reason = [CChar](repeating: 0, count: 512)
        guard gatehouse_sqlite_load(&reason, reason.count) != 0 else { return nil }
        return String(decoding: reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }()

    /// - Throws: if the library is missing, with the package that has it.
    static func open() throws(DatabaseError) {
        guard let fault else { return }
        throw DatabaseError(
            .usage, "SQLite needs libsqlite3.so.0 (Debian and Ubuntu: apt install libsqlite3-0): \(fault)")
    }
}
