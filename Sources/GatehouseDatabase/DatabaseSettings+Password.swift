extension DatabaseSettings {
    /// The address as back ends read it, with ``password`` in it.
    /// - Throws: a usage error if the address has no user whose password it could be. It repeats nothing of either.
    func completeURL() throws(DatabaseError) -> String {
        guard let password else { return url }
        guard let start = url.firstRange(of: "://")?.upperBound else {
            throw .usage("password is for a server, and url names none")
        }
        let authority = url[start...].prefix { !"/?#".contains($0) }
        guard let at = authority.lastIndex(of: "@"), at != authority.startIndex else {
            throw .usage("password needs a user in url: write for instance postgres://user@host/database")
        }
        let user = authority[..<at].prefix { $0 != ":" }
        return url[..<start] + user + ":" + Self.percentEncoded(password) + url[at...]
    }

    /// Everything but RFC 3986's unreserved characters (section 2.3) becomes `%2F` and its kin.
    private static func percentEncoded(_ text: String) -> String {
        text.utf8.reduce(into: "") { result, byte in
            let character = Character(UnicodeScalar(byte))
            if character.isASCII, character.isLetter || character.isNumber || "-._~".contains(character) {
                result.append(character)
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                result += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
    }
}
