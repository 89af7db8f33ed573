/// Addresses in `href`, `src` and the like.
enum ViewAddress {
    private static let schemes: Set<String> = ["http", "https", "mailto", "tel"]

    /// Whether an address names no scheme or a harmless one (RFC 3986, section 4.2): a colon before the first slash,
    /// question mark or number sign ends a scheme. Browsers skip white space and control characters in it, and those
    /// are in no harmless scheme.
    static func isHarmless(_ address: String) -> Bool {
        let bytes = address.utf8
        guard let end = bytes.firstIndex(where: { [0x2F, 0x3A, 0x3F, 0x23].contains($0) }), bytes[end] == 0x3A else {
            return true
        }
        return schemes.contains(address[..<end].lowercased())
    }
}
