import Crypto
import FoundationEssentials

/// Seals bytes for one purpose, so that nobody else can read or change them: AES-256-GCM (NIST SP 800-38D).
///
/// ```
/// 1 byte    4 bytes   24 bytes        as many as the plain bytes   16 bytes
/// version   key id    random          encrypted                    tag
/// ```
///
/// Each message has a key of its own: the HMAC of the first half of the random bytes; the second half is the nonce. A
/// key with random nonces of 12 bytes alone is good for 2^32 messages (SP 800-38D, section 8.3), which a busy site has
/// sealed in a year or two.
public struct Sealer: Sendable {
    /// A key of one purpose, and the id by which it is found.
    struct Key: Sendable {
        static let secretLength = 32
        static let idLength = 4

        let secret: SymmetricKey
        let id: [UInt8]

        /// - Parameter bytes: the secret, and the id after it.
        init(_ bytes: [UInt8]) {
            secret = SymmetricKey(data: bytes.prefix(Self.secretLength))
            id = Array(bytes.dropFirst(Self.secretLength))
        }

        func messageKey(_ random: ArraySlice<UInt8>) -> SymmetricKey {
            SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: random, using: secret))
        }
    }

    private static let version: UInt8 = 1
    private static let half = 12
    private static let headLength = 1 + Key.idLength + 2 * half
    private static let tagLength = 16

    /// The bytes that a sealed message has more than its plain one.
    public static let overhead = headLength + tagLength

    /// The newest first. Never empty.
    let keys: [Key]

    /// Seals bytes by the newest key.
    /// - Parameters:
    ///   - plain: the bytes.
    ///   - label: the name of the thing that is sealed, such as a cookie's: needed to open it.
    /// - Throws: an error of the cryptographic library, which no input can cause.
    public func seal(_ plain: [UInt8], label: String) throws -> [UInt8] {
        guard let key = keys.first else { throw KeyRingError("there is no key to seal with") }
        let random = RandomBytes.make(2 * Self.half)
        let box = try AES.GCM.seal(
            plain, using: key.messageKey(random[..<Self.half]), nonce: AES.GCM.Nonce(data: random[Self.half...]),
            authenticating: Array(label.utf8))
        var sealed = [Self.version]
        sealed.reserveCapacity(plain.count + Self.overhead)
        sealed += key.id
        sealed += random
        sealed += box.ciphertext
        sealed += box.tag
        return sealed
    }

    /// Opens what ``seal(_:label:)`` has sealed by one of the keys under this label; `nil` for anything else.
    public func open(_ sealed: [UInt8], label: String) -> [UInt8]? {
        guard sealed.count >= Self.overhead, sealed[0] == Self.version else { return nil }
        let id = sealed[1..<(1 + Key.idLength)]
        let random = sealed[(1 + Key.idLength)..<Self.headLength]
        let end = sealed.count - Self.tagLength
        for key in keys where id.elementsEqual(key.id) {
            guard
                let box = try? AES.GCM.SealedBox(
                    nonce: AES.GCM.Nonce(data: random.suffix(Self.half)), ciphertext: sealed[Self.headLength..<end],
                    tag: sealed[end...]),
                let plain = try? AES.GCM.open(
                    box, using: key.messageKey(random.prefix(Self.half)), authenticating: Array(label.utf8))
            else { continue }
            return Array(plain)
        }
        return nil
    }
}

extension Sealer: CustomStringConvertible, CustomReflectable {
    /// The number of keys, and none of them.
    public var description: String { "Sealer(\(keys.count))" }

    /// A mirror without children, so that `dump` shows no key.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
