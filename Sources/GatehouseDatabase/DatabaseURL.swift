import GatehousePlan

/// The address of a database, as far as it concerns all back ends: its scheme, and a form for messages.
package struct DatabaseURL: Sendable, Equatable {
    /// `postgres`, `mysql`, `sqlite`: in small letters.
    package let scheme: String
    /// Everything after the colon.
    package let rest: String

    /// - Throws: a usage error if there is no scheme. It does not repeat the text, which may be a password.
    package init(_ text: String) throws(DatabaseError) {
        guard let scheme = WrittenDatabaseSettings.scheme(of: text) else {
            throw .usage(WrittenDatabaseSettings.noScheme)
        }
        self.scheme = scheme
        rest = String(text.dropFirst(scheme.utf8.count + 1))
    }

    /// The address without a password, for messages.
    package var redacted: String {
        var text = rest
        if text.hasPrefix("//") {
            let start = text.index(text.startIndex, offsetBy: 2)
            let end = text[start...].firstIndex { "?#".contains($0) } ?? text.endIndex
            // A password may have characters that should have been escaped: it ends at the last @. If that comes after
            // ? or #, it may be a password's or a parameter's.
            if text[end...].contains("@") {
                let shown = text.prefix(through: text[start...].firstIndex { ":?#".contains($0) } ?? end)
                return "\(scheme):\(shown)***"
            }
            if let at = text[start..<end].lastIndex(of: "@"), let colon = text[start..<at].firstIndex(of: ":") {
                text.replaceSubrange(colon..<at, with: ":***")
            }
        }
        return scheme + ":" + Self.withoutSecrets(text)
    }

    /// Parameters such as `?password=…`.
    private static func withoutSecrets(_ text: String) -> String {
        guard let question = text.firstIndex(of: "?") else { return text }
        let parameters = text[text.index(after: question)...].split(separator: "&", omittingEmptySubsequences: false)
        let shown = parameters.map { parameter in
            let name = parameter.prefix { $0 != "=" }
            let isSecret = ["pass", "secret", "pwd"].contains { name.lowercased().contains($0) }
            return isSecret && name != parameter ? "\(name)=***" : String(parameter)
        }
        return text[...question] + shown.joined(separator: "&")
    }
}
