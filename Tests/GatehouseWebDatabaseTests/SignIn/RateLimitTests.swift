import GatehouseDatabase
import GatehouseWeb
import Testing

struct RateLimitTests {
    private let rate = Rate(3, per: .seconds(30))

    private func isTaken(_ limits: RateLimits, _ key: String) async throws -> Bool {
        do {
            try await limits.take("test", key, atMost: rate)
            return true
        } catch is TooManyAttempts {
            return false
        }
    }

    @Test(arguments: SignInDatabase.allCases)
    func `a rate is used up, and comes back bit by bit`(_ kind: SignInDatabase) async throws {
        try await kind.withDatabase { database async throws in
            let clock = SignInClock()
            let limits = RateLimits(database) { clock.milliseconds }
            for _ in 0..<3 { #expect(try await isTaken(limits, "a")) }
            await #expect(throws: TooManyAttempts(retryAfter: 10)) { try await limits.take("test", "a", atMost: rate) }
            #expect(try await isTaken(limits, "b"))
            try await limits.take("other", "a", atMost: rate)
            clock.pass(9)
            await #expect(throws: TooManyAttempts(retryAfter: 1)) { try await limits.take("test", "a", atMost: rate) }
            clock.pass(1)
            #expect(try await isTaken(limits, "a"))
            #expect(try await isTaken(limits, "a") == false)
            clock.pass(1_000)
            for _ in 0..<3 { #expect(try await isTaken(limits, "a")) }
            #expect(try await isTaken(limits, "a") == false)
        }
    }

    @Test(arguments: SignInDatabase.allCases)
    func `what is given back or cleared can be used again`(_ kind: SignInDatabase) async throws {
        try await kind.withDatabase { database async throws in
            let limits = RateLimits(database) { 1_800_000_000_000 }
            for _ in 0..<3 { #expect(try await isTaken(limits, "a")) }
            try await limits.giveBack("test", "a", atMost: rate)
            #expect(try await isTaken(limits, "a"))
            #expect(try await isTaken(limits, "a") == false)
            try await limits.clear("test", "a")
            for _ in 0..<3 { #expect(try await isTaken(limits, "a")) }
            #expect(try await isTaken(limits, "a") == false)
        }
    }

    @Test func `row J1: a client with a network of addresses is one client`() async throws {
        try await SignInDatabase.sqlite.withDatabase { database async throws in
            let limits = RateLimits(database) { 1_800_000_000_000 }
            let addresses = ["2001:db8::1", "2001:db8::2", "2001:db8:0:0:ffff::", "2001:db8::3"]
            for address in addresses.dropLast() { try await limits.take("test", from: address, atMost: rate) }
            await #expect(throws: TooManyAttempts.self) {
                try await limits.take("test", from: addresses[3], atMost: rate)
            }
            for other in ["2001:db8:0:1::1", "192.0.2.1", "192.0.2.2", nil] {
                try await limits.take("test", from: other, atMost: rate)
            }
        }
    }

    @Test(arguments: SignInDatabase.allCases)
    func `row J1: of many at the same time no more pass than may`(_ kind: SignInDatabase) async throws {
        try await kind.withDatabase { database async throws in
            let limits = RateLimits(database) { 1_800_000_000_000 }
            let rate = rate
            let passed = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<40 {
                    group.addTask {
                        do {
                            try await limits.take("test", "a", atMost: rate)
                            return true
                        } catch is TooManyAttempts {
                            return false
                        }
                    }
                }
                return try await group.reduce(0) { $1 ? $0 + 1 : $0 }
            }
            #expect(passed == 3)
        }
    }

    @Test(arguments: SignInDatabase.allCases)
    func `rows that say nothing any more are deleted`(_ kind: SignInDatabase) async throws {
        try await kind.withDatabase { database async throws in
            let clock = SignInClock()
            let limits = RateLimits(database) { clock.milliseconds }
            for number in 0..<10 { try await limits.take("test", "\(number)", atMost: rate) }
            #expect(try await database.one("SELECT count(*) FROM gatehouse_rate", Int.self) == 10)
            clock.pass(61)
            try await limits.take("test", "last", atMost: rate)
            #expect(try await database.one("SELECT count(*) FROM gatehouse_rate", Int.self) == 1)
        }
    }

    @Test func `a rate of any numbers is one`() async throws {
        try await SignInDatabase.sqlite.withDatabase { database async throws in
            let limits = RateLimits(database)
            for rate in [
                Rate(0, per: .zero), Rate(-1, per: .seconds(-1)), Rate(.max, per: .seconds(Int64.max)),
                Rate(1, per: .seconds(Int64.max)),
            ] {
                try await limits.take("\(rate)", "a", atMost: rate)
            }
        }
    }

    /// Rows that have ended are used again and deleted at the same time: on MySQL two such statements could lock each
    /// other out.
    @Test(arguments: SignInDatabase.allCases)
    func `no use fails because others clean the table`(_ kind: SignInDatabase) async throws {
        try await kind.withDatabase { database async throws in
            let clock = SignInClock()
            let keys = (0..<12).map { "\($0)" }
            for _ in 0..<20 {
                let old = RateLimits(database) { clock.milliseconds }
                for key in keys { try await old.take("test", key, atMost: rate) }
                clock.pass(100)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for key in keys {
                        // Each is a worker that has not cleaned yet.
                        let limits = RateLimits(database) { clock.milliseconds }
                        group.addTask { try await limits.take("test", key, atMost: rate) }
                    }
                    try await group.waitForAll()
                }
                clock.pass(100)
            }
        }
    }
}
