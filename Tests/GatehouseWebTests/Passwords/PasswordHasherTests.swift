@testable import GatehouseWeb
import HTTPTypes
import Testing

struct PasswordHasherTests {
    /// Costs that a test can pay.
    static let cheap: [PasswordAlgorithm] = [
        .argon2id(memory: 64, passes: 1, lanes: 1), .scrypt(cost: 4, blockSize: 8, lanes: 1),
    ]

    /// Strings of Python: argon2-cffi 25.1, and hashlib.scrypt of Python 3.11.
    private static let foreign = [
        (
            "correct horse",
            "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$rk2Mi3E4dgRMg0fHaYaptWVZRKqs//6b6k3/nntqGJk"
        ),
        ("pässwörd 🔑", "$argon2id$v=19$m=64,t=1,p=4$c2FsdHNhbHQ$NSVQeKsdxH5l9PFn6aY9wg"),
        (
            "correct horse",
            "$argon2id$v=19$m=65536,t=3,p=4$AAECAwQFBgcICQoLDA0ODw$V38f836aPlLJfTn46DiRwbc7Dof/4EKc7o7eL7AF/kQ"
        ),
        (
            "correct horse",
            "$scrypt$ln=14,r=8,p=5$MDEyMzQ1Njc4OWFiY2RlZg$02g8+CvQr/5XQicw/DXknMkHCBzrhOhaA5Est23cFMLG5Gmv0tjIsdm17VvV"
                + "SCnHu/WmtuWp+i57LF3WFd4PJA"
        ),
        (
            "pässwörd 🔑",
            "$scrypt$ln=10,r=8,p=1$//77//77//77//77//77//77$qYVzWkJN8356SLs19ZIz1oX4wikAZ59QNwkD9WOxRrY"
        ),
    ]

    @Test(arguments: foreign) func `a hash of another library is verified`(_ password: String, _ hash: String)
        async throws
    {
        let hasher = PasswordHasher(Self.cheap[0])
        #expect(try await hasher.verify(password, against: hash))
        #expect(try await hasher.verify(password + "x", against: hash) == false)
        #expect(PasswordHash(hash)?.text == hash)
        #expect(hasher.needsRehash(hash))
    }

    @Test(arguments: cheap) func `a password is verified by its hash`(_ algorithm: PasswordAlgorithm) async throws {
        let hasher = PasswordHasher(algorithm)
        let hash = try await hasher.hash("correct horse")
        #expect(try await hasher.verify("correct horse", against: hash))
        #expect(try await hasher.verify("Correct horse", against: hash) == false)
        #expect(try await hasher.verify("", against: hash) == false)
        #expect(try await hasher.hash("correct horse") != hash)
        #expect(!hasher.needsRehash(hash))
        #expect(hash.utf8.count <= 128)
    }

    @Test func `a hash of another cost is made again`() async throws {
        let hash = try await PasswordHasher(.scrypt(cost: 4, blockSize: 8, lanes: 1)).hash("a")
        #expect(PasswordHasher(.scrypt(cost: 5, blockSize: 8, lanes: 1)).needsRehash(hash))
        #expect(PasswordHasher(Self.cheap[0]).needsRehash(hash))
        #expect(PasswordHasher(Self.cheap[0]).needsRehash("plain text"))
    }

    @Test func `a password is the same from every keyboard`() async throws {
        let hasher = PasswordHasher(Self.cheap[1])
        let hash = try await hasher.hash("caf\u{E9} \u{1E0B}\u{323}")
        #expect(try await hasher.verify("cafe\u{301} d\u{323}\u{307}", against: hash))
        #expect("e\u{301}".bytesInNormalFormC == [0xC3, 0xA9])
        #expect("abc".bytesInNormalFormC == Array("abc".utf8))
        // A compatibility form is another text: K and the Kelvin sign are the same, ﬁ and fi are not.
        #expect("\u{212A}".bytesInNormalFormC == Array("K".utf8))
        #expect("\u{FB01}".bytesInNormalFormC == Array("\u{FB01}".utf8))
    }

    @Test func `row J8: nobody's password is right, and takes a hash`() async throws {
        let limit = WorkLimit(running: 1, waiting: 0)
        let hasher = PasswordHasher(Self.cheap[1], limit: limit)
        #expect(try await hasher.verify("a", against: nil) == false)
        // The place that a hash would take is not free.
        _ = try await limit.run {
            await #expect(throws: BusyError.self) { try await hasher.verify("a", against: nil) }
        }
    }

    @Test func `row J2: a long password costs no hash`() async throws {
        let limit = WorkLimit(running: 1, waiting: 0)
        let hasher = PasswordHasher(Self.cheap[1], limit: limit)
        let hash = try await hasher.hash(String(repeating: "a", count: 1_024))
        #expect(try await hasher.verify(String(repeating: "a", count: 1_024), against: hash))
        let long = String(repeating: "a", count: 1_025)
        await #expect(throws: PasswordError.tooLong) { try await hasher.hash(long) }
        await #expect(throws: PasswordError.empty) { try await hasher.hash("") }
        #expect(try await limit.run { try await hasher.verify(long, against: hash) } == false)
    }

    @Test func `row J2: more hashes than there is memory for are refused`() async throws {
        let limit = WorkLimit(running: 1, waiting: 0)
        let hasher = PasswordHasher(Self.cheap[1], limit: limit)
        _ = try await limit.run {
            let error = await #expect(throws: BusyError.self) { try await hasher.hash("a") }
            #expect(error?.status == .serviceUnavailable)
        }
    }

    @Test(arguments: [
        "", "$", "$$$$", "plain", "$2b$12$abcdefghijklmnopqrstuu", "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ",
        // More memory or work than a request may take.
        "$argon2id$v=19$m=67108864,t=1,p=1$c2FsdHNhbHQ$NSVQeKsdxH5l9PFn6aY9wg",
        "$argon2id$v=19$m=262144,t=4294967295,p=1$c2FsdHNhbHQ$NSVQeKsdxH5l9PFn6aY9wg",
        "$argon2id$v=19$m=64,t=9999999999,p=1$c2FsdHNhbHQ$NSVQeKsdxH5l9PFn6aY9wg",
        "$argon2id$v=19$m=9223372036854775807,t=1,p=1$c2FsdHNhbHQ$NSVQeKsdxH5l9PFn6aY9wg",
        "$argon2id$v=19$m=64,t=1,p=255$c2FsdHNhbHQ$NSVQeKsdxH5l9PFn6aY9wg",
        "$scrypt$ln=30,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$qYVzWkJN8356SLs19ZIz1oX4wikAZ59QNwkD9WOxRrY",
        "$scrypt$ln=63,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$qYVzWkJN8356SLs19ZIz1oX4wikAZ59QNwkD9WOxRrY",
        "$scrypt$ln=18,r=8,p=1000$MDEyMzQ1Njc4OWFiY2RlZg$qYVzWkJN8356SLs19ZIz1oX4wikAZ59QNwkD9WOxRrY",
        // Zeros, signs, other orders, other versions, other alphabets, texts behind.
        "$argon2id$v=19$m=64,t=0,p=1$c2FsdHNhbHQ$NSVQeKsdxH5l9PFn6aY9wg",
        "$argon2id$v=19$m=7,t=1,p=1$c2FsdHNhbHQ$NSVQeKsdxH5l9PFn6aY9wg",
        "$argon2id$v=19$m=+64,t=1,p=1$c2FsdHNhbHQ$NSVQeKsdxH5l9PFn6aY9wg",
        "$argon2id$v=19$t=1,m=64,p=1$c2FsdHNhbHQ$NSVQeKsdxH5l9PFn6aY9wg",
        "$argon2id$v=16$m=64,t=1,p=1$c2FsdHNhbHQ$NSVQeKsdxH5l9PFn6aY9wg",
        "$argon2i$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$NSVQeKsdxH5l9PFn6aY9wg",
        "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ=$NSVQeKsdxH5l9PFn6aY9wg",
        "$argon2id$v=19$m=64,t=1,p=1$c2FsdHN_bHQ$NSVQeKsdxH5l9PFn6aY9wg",
        "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$",
        "$argon2id$v=19$m=64,t=1,p=1$$NSVQeKsdxH5l9PFn6aY9wg",
        "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$NSVQeKsdxH5l9PFn6aY9wg$",
    ])
    func `row J3: a stored text that is no hash is an error, and costs nothing`(_ text: String) async throws {
        let limit = WorkLimit(running: 1, waiting: 0)
        _ = try await limit.run {
            await #expect(throws: PasswordError.malformedHash) {
                try await PasswordHasher(Self.cheap[1], limit: limit).verify("a", against: text)
            }
        }
    }

    @Test func `a cost out of bounds is an error`() async throws {
        for algorithm in [
            PasswordAlgorithm.argon2id(memory: .max, passes: 1, lanes: 1), .argon2id(memory: 64, passes: 0, lanes: 1),
            .argon2id(memory: -1, passes: 1, lanes: 1), .scrypt(cost: 64, blockSize: 8, lanes: 1),
            .scrypt(cost: 0, blockSize: 8, lanes: 1), .scrypt(cost: 17, blockSize: .max, lanes: 1),
        ] {
            await #expect(throws: PasswordError.self) { try await PasswordHasher(algorithm).hash("a") }
        }
        #expect(PasswordAlgorithm.scrypt.memory == 128 << 20 && PasswordAlgorithm.argon2id.memory == 19 << 20)
        #expect(PasswordAlgorithm.scrypt.isWithinBounds && PasswordAlgorithm.argon2id.isWithinBounds)
    }
}
