/// The rules for the path prefix under which a module answers.
public enum Mount {
    /// The reason why a text is no mount, with what to write instead.
    public struct Malformed: Error, Equatable {
        public let message: String
        init(_ message: String) { self.message = message }
    }

    /// The mount in the form that requests are compared with: it begins with a slash and, except for the root, does not
    /// end with one. `/blog/` means `/blog`.
    public static func normalise(_ text: String) throws(Malformed) -> String {
        guard text.hasPrefix("/") else {
            throw Malformed("mount \"\(text)\" does not begin with a slash: write \"/\(text)\"")
        }
        var mount = text
        if mount.count > 1, mount.hasSuffix("/") { mount.removeLast() }
        guard !mount.contains("//") else { throw Malformed("mount \"\(text)\" has two slashes in a row") }
        guard !mount.split(separator: "/").contains(where: { $0 == "." || $0 == ".." }) else {
            throw Malformed("mount \"\(text)\" has a \".\" or \"..\" in it, which no request's path still has")
        }
        // RFC 3986, section 3.3: the characters of a path segment, without percent encoding. Requests are compared
        // decoded.
        let marks = "/-._~!$&'()*+,;=:@"
        guard
            mount.unicodeScalars.allSatisfy({
                $0.value > 0x20
                    && ($0.value >= 0x80 || $0.properties.isAlphabetic
                        || ("0"..."9").contains($0) || marks.unicodeScalars.contains($0))
                    && $0.value != 0x7F
            })
        else {
            throw Malformed(
                "mount \"\(text)\" has a character that cannot stand in a path: write it decoded, without ? # %")
        }
        return mount
    }
}
