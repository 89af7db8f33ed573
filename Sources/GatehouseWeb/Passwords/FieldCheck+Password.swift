extension FieldCheck where Value == String {
    /// A new password that is long enough and none of those that everybody tries first.
    /// - Parameters:
    ///   - rules: the rules.
    ///   - words: the user's own name, address and so on, which may not be the password.
    @discardableResult
    public func password(_ rules: PasswordRules = PasswordRules(), of words: [String] = []) -> Self {
        guard let value, let complaint = rules.complaint(about: value, of: words) else { return self }
        return satisfies(.message(complaint)) { _ in false }
    }
}
