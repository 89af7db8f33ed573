import GatehouseDatabase
import GatehouseWeb
import Testing

/// Credential stuffing (row J1), and locking others out (row J4).
struct SignInThrottleTests {
    private struct Setting {
        let clock = SignInClock()
        let throttle: SignInThrottle

        init(_ database: Database) {
            let clock = clock
            throttle = SignInThrottle(
                RateLimits(database) { clock.milliseconds }, account: Rate(3, per: .seconds(30)),
                address: Rate(5, per: .seconds(50)))
        }

        enum Outcome { case success, failure, refused }

        func attempt(_ account: String, from client: String?, isRight: Bool = false) async throws -> Outcome {
            do {
                return try await throttle.attempt(account, from: client) { isRight ? true : nil } == true
                    ? .success : .failure
            } catch is TooManyAttempts {
                return .refused
            }
        }
    }

    @Test(arguments: SignInDatabase.allCases)
    func `one account is tried a few times from however many addresses`(_ kind: SignInDatabase) async throws {
        try await kind.withDatabase { database async throws in
            let setting = Setting(database)
            for number in 1...3 { #expect(try await setting.attempt("ann", from: "192.0.2.\(number)") == .failure) }
            #expect(try await setting.attempt("ann", from: "192.0.2.4", isRight: true) == .refused)
            #expect(try await setting.attempt("bob", from: "192.0.2.4", isRight: true) == .success)
            setting.clock.pass(10)
            #expect(try await setting.attempt("ann", from: "192.0.2.4", isRight: true) == .success)
        }
    }

    @Test(arguments: SignInDatabase.allCases)
    func `one address tries a few times however many accounts`(_ kind: SignInDatabase) async throws {
        try await kind.withDatabase { database async throws in
            let setting = Setting(database)
            for number in 1...5 {
                // Another address of the same network, each time.
                #expect(try await setting.attempt("user \(number)", from: "2001:db8:1:2::\(number)") == .failure)
            }
            #expect(try await setting.attempt("user 6", from: "2001:db8:1:2:ffff::1") == .refused)
            #expect(try await setting.attempt("user 6", from: "2001:db8:1:3::1") == .failure)
        }
    }

    @Test(arguments: SignInDatabase.allCases)
    func `who has signed in from an address is not locked out there by others`(_ kind: SignInDatabase) async throws {
        try await kind.withDatabase { database async throws in
            let setting = Setting(database)
            #expect(try await setting.attempt("ann", from: "192.0.2.1", isRight: true) == .success)
            for number in 1...4 { _ = try await setting.attempt("ann", from: "198.51.100.\(number)") }
            #expect(try await setting.attempt("ann", from: "198.51.100.9", isRight: true) == .refused)
            #expect(try await setting.attempt("ann", from: "192.0.2.1", isRight: true) == .success)
            // Others in the same house get no further with it.
            for _ in 1...3 { #expect(try await setting.attempt("ann", from: "192.0.2.1") == .failure) }
            #expect(try await setting.attempt("ann", from: "192.0.2.1", isRight: true) == .refused)
        }
    }

    @Test(arguments: SignInDatabase.allCases)
    func `attempts that succeed are not counted`(_ kind: SignInDatabase) async throws {
        try await kind.withDatabase { database async throws in
            let setting = Setting(database)
            for _ in 0..<20 { #expect(try await setting.attempt("ann", from: "192.0.2.1", isRight: true) == .success) }
            for _ in 0..<20 { #expect(try await setting.attempt("ann", from: nil, isRight: true) == .success) }
        }
    }

    @Test func `an attempt that ends with an error is counted`() async throws {
        try await SignInDatabase.sqlite.withDatabase { database async throws in
            let setting = Setting(database)
            for _ in 0..<3 {
                await #expect(throws: CancellationError.self) {
                    try await setting.throttle.attempt("ann", from: nil) { () throws -> Bool? in
                        throw CancellationError()
                    }
                }
            }
            #expect(try await setting.attempt("ann", from: nil) == .refused)
            try await setting.throttle.forgive("ann", from: nil)
            #expect(try await setting.attempt("ann", from: nil) == .failure)
        }
    }

    /// A password mistyped at home, and another one set by a link: it is good at home, too.
    @Test(arguments: SignInDatabase.allCases)
    func `a user who is forgiven may try again where he is known`(_ kind: SignInDatabase) async throws {
        try await kind.withDatabase { database async throws in
            let setting = Setting(database)
            #expect(try await setting.attempt("ann", from: "192.0.2.1", isRight: true) == .success)
            for _ in 1...3 { #expect(try await setting.attempt("ann", from: "192.0.2.1") == .failure) }
            #expect(try await setting.attempt("ann", from: "192.0.2.1", isRight: true) == .refused)
            try await setting.throttle.forgive("ann", from: "192.0.2.1")
            #expect(try await setting.attempt("ann", from: "192.0.2.1", isRight: true) == .success)
        }
    }

    @Test func `the table has no account and no address`() async throws {
        try await SignInDatabase.sqlite.withDatabase { database async throws in
            _ = try await Setting(database).attempt("ann@example.org", from: "192.0.2.1", isRight: true)
            let ids = try await database.all("SELECT id FROM gatehouse_rate", String.self)
            #expect(ids.count == 3 && ids.allSatisfy { $0.utf8.count == 43 && !$0.contains("ann") })
        }
    }
}
