/// The way from a password to what is stored of it, with its cost.
///
/// A hash takes memory and time on purpose: whoever has stolen a table of them can try as many passwords a second as he
/// can pay for.
public enum PasswordAlgorithm: Sendable, Equatable {
    /// Argon2id, version 1.3 (RFC 9106), by libargon2 (Debian and Ubuntu: `apt install libargon2-1`).
    /// - Parameters:
    ///   - memory: in KiB.
    ///   - passes: the number of times that the memory is filled.
    ///   - lanes: the number of threads.
    case argon2id(memory: Int, passes: Int, lanes: Int)

    /// scrypt (RFC 7914), by swift-crypto.
    /// - Parameters:
    ///   - cost: the logarithm of N: 17 for 2^17.
    ///   - blockSize: r. The memory is 128 × r × N bytes.
    ///   - lanes: p, computed one after the other.
    case scrypt(cost: Int, blockSize: Int, lanes: Int)

    /// Argon2id with 19 MiB and two passes: the first choice of OWASP's Password Storage Cheat Sheet.
    public static let argon2id = PasswordAlgorithm.argon2id(memory: 19_456, passes: 2, lanes: 1)

    /// scrypt with N = 2^17 and r = 8, which is 128 MiB: OWASP's choice where there is no Argon2id.
    public static let scrypt = PasswordAlgorithm.scrypt(cost: 17, blockSize: 8, lanes: 1)

    /// ``argon2id`` if this host has libargon2, else ``scrypt``. If some hosts of an application have the library and
    /// others have not, name one of the two instead: those without it cannot verify the others' hashes.
    public static var preferred: PasswordAlgorithm { Argon2Library.isThere ? argon2id : scrypt }

    /// The memory that one hash takes, in bytes.
    public var memory: Int {
        switch self {
        case .argon2id(let memory, _, _): Self.product(1_024, memory)
        case .scrypt(let cost, let blockSize, _):
            (0...40).contains(cost) ? Self.product(128 << cost, blockSize) : .max
        }
    }

    /// The most memory of one hash: a stored one that says more is damaged or hostile.
    static let mostMemory = 256 << 20
    /// The most work of one hash: the memory times the passes over it.
    static let mostWork = 2 << 30

    /// Whether it can be computed, and takes no more than a request may take.
    var isWithinBounds: Bool {
        let range = 1...Self.mostMemory
        guard range.contains(memory) else { return false }
        switch self {
        case .argon2id(let memory, let passes, let lanes):
            // RFC 9106, section 3.1: eight blocks for each lane at least.
            return (1...16).contains(lanes) && memory >= 8 * lanes && (1...1_024).contains(passes)
                && self.memory * passes <= Self.mostWork
        case .scrypt(let cost, let blockSize, let lanes):
            return (1...24).contains(cost) && (1...32).contains(blockSize) && (1...16).contains(lanes)
                && memory * lanes <= Self.mostWork
        }
    }

    private static func product(_ left: Int, _ right: Int) -> Int {
        let (product, overflow) = left.multipliedReportingOverflow(by: right)
        return overflow ? .max : product
    }
}
