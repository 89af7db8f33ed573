/// The rules for a new password: long enough, and not one of those that everybody tries first.
///
/// ```swift
/// if let complaint = PasswordRules().complaint(about: form.password, of: [form.email, form.name]) { … }
/// ```
///
/// It asks for no digits and marks: they make passwords that are hard to remember and easy to guess (NIST SP 800-63B).
public struct PasswordRules: Sendable {
    /// The least number of characters.
    public var minimum: Int

    /// Passwords that are refused, in small letters, beside the common ones that the kit knows.
    public var blocked: Set<String>

    /// - Parameters:
    ///   - minimum: the least number of characters. NIST asks for 15 if the password is all that there is, and for 8 if
    ///     it is one factor of two.
    ///   - blocked: passwords that are refused, in small letters: the name of the site, a list of leaked ones.
    public init(minimum: Int = 8, blocked: Set<String> = []) {
        self.minimum = minimum
        self.blocked = blocked
    }

    /// A sentence for the user about what is wrong with a password; `nil` if nothing is.
    /// - Parameters:
    ///   - password: the new password.
    ///   - words: the user's own name, address and so on, which may not be the password.
    public func complaint(about password: String, of words: [String] = []) -> String? {
        let length = password.unicodeScalars.count
        if length < minimum { return "The password needs at least \(minimum) characters." }
        if password.utf8.count > PasswordHasher.longestPassword { return "The password is too long." }
        let small = password.lowercased()
        if blocked.contains(small) || Self.isCommon(small) || Self.isMonotonous(small) {
            return "This password is among the first that somebody would try."
        }
        let own = words.map { $0.lowercased() } + words.compactMap { $0.split(separator: "@").first?.lowercased() }
        if own.contains(small) { return "The password is your name or address." }
        return nil
    }

    /// Whether a password is a common one, or one with digits and marks behind it.
    private static func isCommon(_ password: String) -> Bool {
        if CommonPasswords.all.contains(password) { return true }
        let stem = password.prefix { $0.isLetter }
        return stem.count >= 4 && password.dropFirst(stem.count).allSatisfy { !$0.isLetter }
            && CommonPasswords.all.contains(String(stem))
    }

    /// Whether the characters are all the same, or count up or down: `aaaaaaaa`, `abcdefgh`, `98765432`.
    private static func isMonotonous(_ password: String) -> Bool {
        let values = password.unicodeScalars.map { Int($0.value) }
        let steps = Set(zip(values, values.dropFirst()).map { $1 - $0 })
        return steps.count == 1 && steps.allSatisfy { abs($0) <= 1 }
    }
}
