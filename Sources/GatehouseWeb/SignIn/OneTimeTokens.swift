public import GatehouseDatabase
import GatehouseSystem

/// Links that work once and for a while: to set a new password, to confirm an address, to sign in without a password.
///
/// ```swift
/// let tokens = OneTimeTokens(database)     // its table comes by the migration .signIn
/// let token = try await tokens.issue("reset", for: user)
/// let link = "https://example.org\(context.mountPath)/reset?token=\(token)"
/// ```
///
/// A token has 256 random bits, and the table its SHA-256, so that nobody who reads the table can use one. It is bound
/// to its purpose, and to the user's ``SignInUser/signInStamp``: a changed password makes older links void.
///
/// Programs that look for viruses follow the links of mails. So a link leads to a page with a button, and only the form
/// that it sends redeems the token.
public struct OneTimeTokens: Sendable {
    private let database: Database
    /// Seconds since 1970.
    private let now: @Sendable () -> Int

    /// The most tokens of one subject and purpose that are valid at a time; a new one makes the oldest void.
    public static let mostAtATime = 5

    /// Makes the tokens.
    public init(_ database: Database) {
        self.init(database) { UTCTime.now().secondsSince1970 }
    }

    package init(_ database: Database, now: @escaping @Sendable () -> Int) {
        self.database = database
        self.now = now
    }

    /// Makes a token for a user.
    /// - Parameters:
    ///   - purpose: a word for what it is good for; it is good for nothing else.
    ///   - user: the user.
    ///   - lifetime: the time for which it is valid.
    /// - Returns: the token, 43 characters that a URL needs no escapes for. It is stored nowhere.
    public func issue(
        _ purpose: String, for user: some SignInUser, lifetime: Duration = .seconds(3_600)
    ) async throws(DatabaseError) -> String {
        try await issue(purpose, for: user.id.signInText, state: user.signInStamp, lifetime: lifetime)
    }

    /// Makes a token for anything that has a text: an address to confirm, an invitation.
    /// - Parameters:
    ///   - purpose: a word for what it is good for; it is good for nothing else.
    ///   - subject: at most 255 characters.
    ///   - state: a text that makes the token void when it changes.
    ///   - lifetime: the time for which it is valid.
    public func issue(
        _ purpose: String, for subject: String, state: String = "", lifetime: Duration = .seconds(3_600)
    ) async throws(DatabaseError) -> String {
        let now = now(), token = Token()
        try await database.execute("DELETE FROM gatehouse_token WHERE ends <= \(now)")
        let owner = Self.owner(purpose, subject)
        let older = try await database.all(
            "SELECT id FROM gatehouse_token WHERE owner = \(owner) ORDER BY ends DESC LIMIT 1000", String.self)
        let void = older.dropFirst(Self.mostAtATime - 1)
        if !void.isEmpty { try await database.execute("DELETE FROM gatehouse_token WHERE id IN \(list: void)") }
        let ends = now + Int(clamping: max(0, min(lifetime, .seconds(4_000_000_000)).components.seconds))
        try await database.execute(
            """
            INSERT INTO gatehouse_token (id, owner, subject, state, ends)
            VALUES (\(token.hash), \(owner), \(subject), \(Token.hash(of: state)), \(ends))
            """)
        return token.text
    }

    /// The user of a token that is valid, which stays valid: for the page behind the link.
    /// - Parameters:
    ///   - token: the text that a client has sent.
    ///   - purpose: the word with which it was made.
    ///   - find: finds the user by his key.
    /// - Returns: `nil` if the token is not valid: none, used, too old, of another purpose, or void.
    public func user<User: SignInUser>(
        of token: String, _ purpose: String, find: (User.ID) async throws -> User?
    ) async throws -> User? {
        guard let row = try await row(token, purpose, in: database) else { return nil }
        return try await user(row, find)
    }

    /// Uses a token up.
    /// - Parameters:
    ///   - token: the text that a client has sent.
    ///   - purpose: the word with which it was made.
    ///   - transaction: the transaction in which that is done, with what the token is good for: if that fails, the
    ///     token stays valid. `nil` for none.
    ///   - find: finds the user by his key, in the same transaction.
    /// - Returns: the token's user, to one caller only; `nil` if it is not valid.
    public func redeem<User: SignInUser>(
        _ token: String, _ purpose: String, in transaction: Transaction? = nil,
        find: (User.ID) async throws -> User?
    ) async throws -> User? {
        if let transaction {
            guard let row = try await row(token, purpose, in: transaction), let user = try await user(row, find) else {
                return nil
            }
            return try await use(row, in: transaction) ? user : nil
        }
        guard let row = try await row(token, purpose, in: database), let user = try await user(row, find) else {
            return nil
        }
        return try await use(row, in: database) ? user : nil
    }

    /// Uses a token of any subject up.
    /// - Parameters:
    ///   - token: the text that a client has sent.
    ///   - purpose: the word with which it was made.
    ///   - state: the subject's state now; `nil` if there is no such subject any more.
    /// - Returns: the token's subject, to one caller only; `nil` if it is not valid.
    public func redeem(
        _ token: String, _ purpose: String, state: (String) async throws -> String? = { _ in "" }
    ) async throws -> String? {
        guard let row = try await row(token, purpose, in: database), let now = try await state(row.subject),
            ConstantTime.areEqual(row.state, Token.hash(of: now))
        else { return nil }
        return try await use(row, in: database) ? row.subject : nil
    }

    /// Makes all tokens of a user and a purpose void.
    public func revoke(_ purpose: String, of user: some SignInUser) async throws(DatabaseError) {
        let owner = Self.owner(purpose, user.id.signInText)
        try await database.execute("DELETE FROM gatehouse_token WHERE owner = \(owner)")
    }

    private struct Row: Sendable {
        let id: String
        let subject: String
        let state: String
    }

    private func row(
        _ token: String, _ purpose: String, in place: some Queryable
    ) async throws(DatabaseError) -> Row? {
        guard let token = Token(token) else { return nil }
        let columns = try await place.first(
            "SELECT owner, subject, state FROM gatehouse_token WHERE id = \(token.hash) AND ends > \(now())",
            String.self, String.self, String.self)
        guard let (owner, subject, state) = columns, owner == Self.owner(purpose, subject) else { return nil }
        return Row(id: token.hash, subject: subject, state: state)
    }

    private func user<User: SignInUser>(_ row: Row, _ find: (User.ID) async throws -> User?) async throws -> User? {
        guard let id = User.ID(signInText: row.subject), let user = try await find(id),
            ConstantTime.areEqual(row.state, Token.hash(of: user.signInStamp))
        else { return nil }
        return user
    }

    /// Deletes the row: of two who try, one has deleted it.
    private func use(_ row: Row, in place: some Queryable) async throws(DatabaseError) -> Bool {
        try await place.execute("DELETE FROM gatehouse_token WHERE id = \(row.id)").rows > 0
    }

    /// The key of a subject and a purpose.
    private static func owner(_ purpose: String, _ subject: String) -> String {
        Token.hash(of: "\(purpose)\u{0}\(subject)")
    }
}
