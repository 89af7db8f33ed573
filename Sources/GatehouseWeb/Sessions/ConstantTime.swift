/// Comparisons of secrets: the time tells nothing of where two of them differ.
public enum ConstantTime {
    /// Whether two texts have the same bytes. Its time depends on their lengths alone, which are no secret.
    public static func areEqual(_ left: some StringProtocol, _ right: some StringProtocol) -> Bool {
        areEqual(Array(left.utf8), Array(right.utf8))
    }

    /// Whether two arrays have the same bytes. Its time depends on their lengths alone, which are no secret.
    public static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for index in left.indices { difference |= left[index] ^ right[index] }
        return isZero(difference)
    }

    /// Not inlined: the loop above does not know what is made of its sum, so it has no reason to end early.
    @inline(never)
    private static func isZero(_ byte: UInt8) -> Bool { byte == 0 }
}
