import Crypto
import FoundationEssentials

/// The secrets of a module, the newest first: the first one seals, all of them open.
///
/// To change a secret, put a new one first and leave the old one behind it until everything that it has sealed has
/// expired. A secret that has become known is taken out at once: what it has sealed is then worth nothing.
public struct KeyRing: Sendable {
    /// The fewest characters of a secret.
    public static let shortestSecret = 32
    /// The most secrets: each may be tried for a cookie.
    public static let mostSecrets = 16

    private let secrets: [SymmetricKey]

    /// Takes the secrets, the newest first.
    /// - Parameter secrets: each of at least 32 characters, made at random: `openssl rand -base64 48`.
    /// - Throws: ``KeyRingError`` if there is none, too many, or one that is too short.
    public init(_ secrets: [String]) throws(KeyRingError) {
        guard !secrets.isEmpty else { throw KeyRingError("there is no secret: name one (openssl rand -base64 48)") }
        guard secrets.count <= Self.mostSecrets else {
            throw KeyRingError("there are \(secrets.count) secrets, \(Self.mostSecrets) are the most")
        }
        for (index, secret) in secrets.enumerated() where secret.unicodeScalars.count < Self.shortestSecret {
            throw KeyRingError(
                "secret \(index + 1) has \(secret.unicodeScalars.count) characters, \(Self.shortestSecret) are the "
                    + "fewest: make one (openssl rand -base64 48)")
        }
        self.secrets = secrets.map { SymmetricKey(data: Array($0.utf8)) }
    }

    private init(_ secrets: [SymmetricKey]) {
        self.secrets = secrets
    }

    /// Makes a ring of one new secret, for tests: what it seals cannot be opened by another process.
    public static func random() -> KeyRing {
        KeyRing([SymmetricKey(data: RandomBytes.make(32))])
    }

    /// Derives the keys of one purpose (HKDF with SHA-256, RFC 5869), so that what is sealed for one purpose cannot be
    /// opened for another. Costs some microseconds: keep the result.
    public func sealer(for purpose: String) -> Sealer {
        Sealer(
            keys: secrets.map { secret in
                let derived = HKDF<SHA256>.deriveKey(
                    inputKeyMaterial: secret, salt: Array("gatehouse".utf8), info: Array("1 \(purpose)".utf8),
                    outputByteCount: Sealer.Key.secretLength + Sealer.Key.idLength)
                return Sealer.Key(derived.withUnsafeBytes { Array($0) })
            })
    }
}

extension KeyRing: CustomStringConvertible, CustomReflectable {
    /// The number of secrets, and none of them.
    public var description: String { "KeyRing(\(secrets.count))" }

    /// A mirror without children, so that `dump` shows no secret.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// An error of a ``KeyRing``: says what is wrong with the secrets, and nothing of them.
public struct KeyRingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The fault, and its remedy.
    public let description: String

    init(_ description: String) { self.description = description }
}
