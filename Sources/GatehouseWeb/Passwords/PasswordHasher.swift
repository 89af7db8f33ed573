import Crypto
import CryptoExtras
import GatehouseServer

/// Hashes passwords and verifies them, on threads that may be blocked, with a bound on how many at a time.
///
/// ```swift
/// let passwords = PasswordHasher()
/// let stored = try await passwords.hash(form.password)
/// let isRight = try await passwords.verify(form.password, against: user?.passwordHash)
/// ```
///
/// Stored hashes are PHC strings, with their own salt and cost, so libraries of other languages read them, and a new
/// ``algorithm`` changes only new ones: a hash for which ``needsRehash(_:)`` is true is made again at the next sign-in.
///
/// A password is hashed as Unicode text in normal form C, so that it is the same from every keyboard.
public struct PasswordHasher: Sendable {
    /// The algorithm of new hashes.
    public let algorithm: PasswordAlgorithm

    /// The bound on how many hashes are computed at a time, and on how many wait.
    public let limit: WorkLimit

    /// The longest password, in bytes of UTF-8: what is longer is no password, and hashing takes time.
    public static let longestPassword = 1_024

    private static let saltLength = 16
    private static let hashLength = 32

    /// - Parameters:
    ///   - algorithm: the algorithm of new hashes.
    ///   - limit: the bound on how many are computed at a time. By default all hashers of this process share
    ///     ``WorkLimit/passwords``.
    public init(_ algorithm: PasswordAlgorithm = .preferred, limit: WorkLimit = .passwords) {
        self.algorithm = algorithm
        self.limit = limit
    }

    /// Hashes a password with a new salt.
    /// - Returns: a PHC string of at most 128 characters.
    /// - Throws: ``PasswordError``; ``BusyError``, which is a 503, if too many are hashed and wait.
    public func hash(_ password: String) async throws -> String {
        guard !password.isEmpty else { throw PasswordError.empty }
        guard let bytes = Self.bytes(of: password) else { throw PasswordError.tooLong }
        let salt = RandomBytes.make(Self.saltLength)
        let hash = try await derive(algorithm, bytes, salt, Self.hashLength)
        return PasswordHash(algorithm: algorithm, salt: salt, hash: hash).text
    }

    /// Whether a password is the one whose hash is stored.
    ///
    /// For a user who does not exist, pass `nil`: it takes the same time as a wrong password, so that nobody learns by
    /// a clock which users there are.
    /// - Parameters:
    ///   - password: the password that somebody has typed. One that ``hash(_:)`` would refuse is wrong.
    ///   - stored: the PHC string; `nil` if there is none.
    /// - Throws: ``PasswordError`` for a stored text that is no hash; ``BusyError``, which is a 503, if too many are
    ///   hashed and wait.
    public func verify(_ password: String, against stored: String?) async throws -> Bool {
        guard !password.isEmpty, let bytes = Self.bytes(of: password) else { return false }
        guard let stored else {
            let salt = [UInt8](repeating: 0, count: Self.saltLength)
            _ = try await derive(algorithm, bytes, salt, Self.hashLength)
            return false
        }
        guard let known = PasswordHash(stored) else { throw PasswordError.malformedHash }
        let hash = try await derive(known.algorithm, bytes, known.salt, known.hash.count)
        return ConstantTime.areEqual(hash, known.hash)
    }

    /// Whether a stored hash was made with another algorithm or cost than new ones are. When its password was verified,
    /// store ``hash(_:)`` of it instead.
    public func needsRehash(_ stored: String) -> Bool {
        guard let known = PasswordHash(stored) else { return true }
        return known.algorithm != algorithm || known.salt.count < Self.saltLength || known.hash.count < Self.hashLength
    }

    /// The bytes that are hashed; `nil` if they are too many.
    private static func bytes(of password: String) -> [UInt8]? {
        guard password.utf8.count <= longestPassword else { return nil }
        return password.bytesInNormalFormC
    }

    private func derive(
        _ algorithm: PasswordAlgorithm, _ password: [UInt8], _ salt: [UInt8], _ length: Int
    ) async throws -> [UInt8] {
        guard algorithm.isWithinBounds else { throw PasswordError.cannotCompute("its cost is out of bounds") }
        return try await limit.run {
            try await BlockingThreads.run { () throws(PasswordError) in
                try algorithm.derive(password, salt, length)
            }
        }
    }
}

extension PasswordAlgorithm {
    fileprivate func derive(_ password: [UInt8], _ salt: [UInt8], _ length: Int) throws(PasswordError) -> [UInt8] {
        switch self {
        case .argon2id(let memory, let passes, let lanes):
            return try Argon2Library.hash(
                password, salt: salt, memory: memory, passes: passes, lanes: lanes, length: length)
        case .scrypt(let cost, let blockSize, let lanes):
            do {
                let key = try KDF.Scrypt.deriveKey(
                    from: password, salt: salt, outputByteCount: length, rounds: 1 << cost, blockSize: blockSize,
                    parallelism: lanes)
                return key.withUnsafeBytes { Array($0) }
            } catch {
                throw .cannotCompute("\(error)")
            }
        }
    }
}
