import Glibc

/// Bytes that nobody can guess, from the kernel's generator (getrandom(2)).
public enum RandomBytes {
    /// The most bytes that getentropy(3) gives at once.
    private static let atOnce = 256

    /// Makes that many random bytes; none if the count is not above zero.
    public static func make(_ count: Int) -> [UInt8] {
        guard count > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            while initialized < count {
                let wanted = min(count - initialized, atOnce)
                if let address = buffer.baseAddress, getentropy(address + initialized, wanted) == 0 {
                    initialized += wanted
                } else {
                    // A filter forbids the system call: the standard library knows other ways.
                    var generator = SystemRandomNumberGenerator()
                    buffer.initializeElement(at: initialized, to: UInt8.random(in: .min ... .max, using: &generator))
                    initialized += 1
                }
            }
        }
    }
}
