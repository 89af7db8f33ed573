import GatehousePlan

/// The address of a database, as far as it concerns all back ends: its scheme.
package struct DatabaseURL: Sendable, Equatable {
    /// `postgres`, `mysql`, `sqlite`: in small letters.
    package let scheme: String
    /// Everything after the colon.
    package let rest: String

    /// - Throws: a usage error if there is no scheme. It does not repeat the text, which may be a password.
    package init(_ text: String) throws(DatabaseError) {
        guard let scheme = WrittenDatabaseSettings.scheme(of: text) else {
            throw .usage(WrittenDatabaseSettings.noScheme)
        }
        self.scheme = scheme
        rest = String(text.dropFirst(scheme.utf8.count + 1))
    }
}
