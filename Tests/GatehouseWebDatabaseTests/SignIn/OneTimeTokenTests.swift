import GatehouseDatabase
import GatehouseWeb
import Testing

/// Tokens that are used again, guessed, or kept too long: row J6.
struct OneTimeTokenTests {
    struct Member: SignInUser {
        var id: Int
        var signInStamp = "first"
    }

    private let ann = Member(id: 1), bob = Member(id: 2)

    @Test(arguments: SignInDatabase.allCases)
    func `a token is used once, for its purpose, by its user`(_ kind: SignInDatabase) async throws {
        try await kind.withDatabase { database async throws in
            let tokens = OneTimeTokens(database)
            let token = try await tokens.issue("reset", for: ann), other = try await tokens.issue("reset", for: bob)
            #expect(token.utf8.count == 43 && token != other)
            let find = { (id: Int) -> Member? in Member(id: id) }
            #expect(try await tokens.redeem(token, "sign-in", find: find) == nil)
            #expect(try await tokens.user(of: token, "reset", find: find)?.id == 1)
            #expect(try await tokens.user(of: token, "reset", find: find)?.id == 1)
            #expect(try await tokens.redeem(token, "reset", find: find)?.id == 1)
            #expect(try await tokens.redeem(token, "reset", find: find) == nil)
            #expect(try await tokens.user(of: token, "reset", find: find) == nil)
            #expect(try await tokens.redeem(other, "reset", find: find)?.id == 2)
        }
    }

    @Test(arguments: SignInDatabase.allCases)
    func `of two who use a token at the same time one does`(_ kind: SignInDatabase) async throws {
        try await kind.withDatabase { database async throws in
            let tokens = OneTimeTokens(database)
            let token = try await tokens.issue("reset", for: ann)
            let users = try await withThrowingTaskGroup(of: Member?.self) { group in
                for _ in 0..<20 {
                    group.addTask { try await tokens.redeem(token, "reset") { (id: Int) in Member(id: id) } }
                }
                return try await group.reduce(into: 0) { $0 += $1 == nil ? 0 : 1 }
            }
            #expect(users == 1)
        }
    }

    @Test(arguments: SignInDatabase.allCases)
    func `a changed password, a deleted user and a new token make older ones void`(_ kind: SignInDatabase) async throws
    {
        try await kind.withDatabase { database async throws in
            let tokens = OneTimeTokens(database)
            let token = try await tokens.issue("reset", for: ann)
            #expect(
                try await tokens.redeem(token, "reset") { (id: Int) in Member(id: id, signInStamp: "second") } == nil)
            #expect(try await tokens.redeem(token, "reset") { (_: Int) -> Member? in nil } == nil)
            let find = { (id: Int) -> Member? in Member(id: id) }
            #expect(try await tokens.user(of: token, "reset", find: find) != nil)
            try await tokens.revoke("reset", of: ann)
            #expect(try await tokens.redeem(token, "reset", find: find) == nil)
            var issued: [String] = []
            for _ in 0..<7 { issued.append(try await tokens.issue("reset", for: ann)) }
            #expect(try await database.one("SELECT count(*) FROM gatehouse_token", Int.self) == 5)
            #expect(try await tokens.redeem(issued[6], "reset", find: find) != nil)
        }
    }

    @Test(arguments: SignInDatabase.allCases)
    func `a token is valid for its time`(_ kind: SignInDatabase) async throws {
        try await kind.withDatabase { database async throws in
            let clock = SignInClock()
            let tokens = OneTimeTokens(database) { clock.seconds }
            let find = { (id: Int) -> Member? in Member(id: id) }
            let token = try await tokens.issue("reset", for: ann, lifetime: .seconds(60))
            clock.pass(59)
            #expect(try await tokens.user(of: token, "reset", find: find) != nil)
            clock.pass(1)
            #expect(try await tokens.redeem(token, "reset", find: find) == nil)
            _ = try await tokens.issue("reset", for: bob)
            #expect(try await database.one("SELECT count(*) FROM gatehouse_token", Int.self) == 1)
        }
    }

    @Test(arguments: SignInDatabase.allCases)
    func `a token stays valid if the transaction that used it up fails`(_ kind: SignInDatabase) async throws {
        try await kind.withDatabase { database async throws in
            let tokens = OneTimeTokens(database)
            let token = try await tokens.issue("reset", for: ann)
            let find = { (id: Int) -> Member? in Member(id: id) }
            await #expect(throws: CancellationError.self) {
                try await database.transaction { transaction in
                    #expect(try await tokens.redeem(token, "reset", in: transaction, find: find) != nil)
                    throw CancellationError()
                }
            }
            let user = try await database.transaction { transaction in
                try await tokens.redeem(token, "reset", in: transaction, find: find)
            }
            #expect(user?.id == 1)
            #expect(try await tokens.redeem(token, "reset", find: find) == nil)
        }
    }

    @Test(arguments: SignInDatabase.allCases)
    func `an address is confirmed by a token`(_ kind: SignInDatabase) async throws {
        try await kind.withDatabase { database async throws in
            let tokens = OneTimeTokens(database)
            let token = try await tokens.issue("confirm", for: "änn@example.org", state: "1")
            #expect(try await tokens.redeem(token, "confirm") { _ in "2" } == nil)
            #expect(try await tokens.redeem(token, "confirm") { _ in nil } == nil)
            #expect(try await tokens.redeem(token, "confirm") { _ in "1" } == "änn@example.org")
            #expect(try await tokens.redeem(token, "confirm") { _ in "1" } == nil)
        }
    }

    @Test func `what a client sends as a token is a token or nothing`() async throws {
        try await SignInDatabase.sqlite.withDatabase { database async throws in
            let tokens = OneTimeTokens(database)
            let token = try await tokens.issue("reset", for: ann)
            let stored = try await database.one("SELECT id FROM gatehouse_token", String.self)
            let find = { (id: Int) -> Member? in Member(id: id) }
            for text in [
                "", stored, token + "A", String(token.dropLast()), token.lowercased() + "", "' OR '1'='1", "\0",
            ] {
                #expect(try await tokens.redeem(text, "reset", find: find) == nil || text == token)
            }
            #expect(stored != token)
        }
    }
}
