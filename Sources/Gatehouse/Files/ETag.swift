/// A name for one state of a resource (RFC 9110, section 8.8.3).
///
/// Strong: the same name is the same bytes. Weak: the same name is as good as the same.
public struct ETag: Sendable, Hashable {
    /// The name without quotes.
    public let name: String

    /// Whether it is a weak one: `W/"name"`.
    public let isWeak: Bool

    /// A strong name, such as a version's number from the database.
    public static func strong(_ name: String) -> ETag { ETag(name, isWeak: false) }

    /// A weak name.
    public static func weak(_ name: String) -> ETag { ETag(name, isWeak: true) }

    /// A name of any text: bytes that HTTP does not allow between the quotes are written as `%` and two hexadecimal
    /// digits, and so is `%`.
    package init(_ name: String, isWeak: Bool) {
        self.name = PercentCoding.encoded(name, keeping: Self.isPlain)
        self.isWeak = isWeak
    }

    private static func isPlain(_ byte: UInt8) -> Bool { byte > 0x20 && byte < 0x7F && byte != 0x22 && byte != 0x25 }

    /// The header's value: `"name"` or `W/"name"`.
    public var text: String { isWeak ? "W/\"\(name)\"" : "\"\(name)\"" }

    /// Whether both are strong and the same (RFC 9110, section 8.8.3.2): for `If-Match` and `If-Range`.
    public func isSame(as other: ETag) -> Bool { !isWeak && self == other }

    /// Whether both have the same name, weak or strong: for `If-None-Match`.
    public func isEquivalent(to other: ETag) -> Bool { name == other.name }

    /// The names of a header such as `If-None-Match: "a", W/"b"`; `nil` if it is `*`. At most 64 are read; what is
    /// malformed ends the list, and so matches nothing.
    package static func list(_ header: String) -> [ETag]? {
        var rest = Substring(header).utf8
        var tags: [ETag] = []
        func skip(_ bytes: [UInt8]) { rest = rest.drop { bytes.contains($0) } }
        skip([32, 9])
        if rest.first == 0x2A { return nil }
        while !rest.isEmpty, tags.count < 64 {
            let isWeak = rest.starts(with: [0x57, 0x2F])
            if isWeak { rest = rest.dropFirst(2) }
            guard rest.first == 0x22, let end = rest.dropFirst().firstIndex(of: 0x22) else { break }
            tags.append(ETag(verbatim: String(Substring(rest.dropFirst()[..<end])), isWeak: isWeak))
            rest = rest[rest.index(after: end)...]
            skip([32, 9, 0x2C])
        }
        return tags
    }

    /// A name as a client sent it.
    private init(verbatim name: String, isWeak: Bool) {
        self.name = name
        self.isWeak = isWeak
    }
}
