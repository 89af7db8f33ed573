import FoundationEssentials
import GatehouseDatabase
import GatehouseWeb

/// Somebody with an account: a row of `person`.
struct Person: Codable, SignInUser {
    var id: UUID
    var name: String
    /// In small letters, so that each address has one account.
    var email: String
    /// A hash.
    var password: String

    /// A new password signs everybody out who came by the old one.
    var signInStamp: String { password }
}

/// The request context of all routes: it knows who has signed in.
typealias AppContext = UserContext<Person>

/// The statements about people.
struct PersonStore: Sendable {
    let database: Database

    func person(_ id: UUID) async throws(DatabaseError) -> Person? {
        try await database.first("SELECT id, name, email, password FROM person WHERE id = \(id)")
    }

    func person(email: String) async throws(DatabaseError) -> Person? {
        try await database.first(
            "SELECT id, name, email, password FROM person WHERE email = \(email.lowercased())")
    }

    /// - Returns: whether there was no account with this address yet.
    func add(_ person: Person) async throws(DatabaseError) -> Bool {
        do throws(DatabaseError) {
            try await database.insert(person, into: "person")
            return true
        } catch {
            guard case .unique = error.kind else { throw error }
            return false
        }
    }
}
