import FoundationEssentials

/// Properties of texts that rules and types ask for, each found in one pass.
enum FormRules {
    /// Whether there is no control character (C0, DEL, C1) and no line or paragraph separator.
    static func isSingleLine(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            switch scalar.value {
            case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029: false
            default: true
            }
        }
    }

    /// Whether a text is `local@domain`: HTML's rule, RFC 5321's lengths (64 and 254 bytes), and a point in the domain.
    static func isEmail(_ text: String) -> Bool {
        guard text.utf8.count <= 254, let at = text.utf8.firstIndex(of: UInt8(ascii: "@")) else { return false }
        let local = text.utf8[..<at], domain = text.utf8[text.utf8.index(after: at)...]
        guard 1...64 ~= local.count, local.allSatisfy(isLocal) else { return false }
        let labels = domain.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return labels.count >= 2 && labels.allSatisfy(isLabel)
    }

    private static func isLocal(_ byte: UInt8) -> Bool {
        isLetterOrDigit(byte)
            || StaticString(".!#$%&'*+/=?^_`{|}~-").withUTF8Buffer { $0.contains(byte) }
    }

    private static func isLabel(_ label: Substring.UTF8View) -> Bool {
        guard let first = label.first, let last = label.last, label.count <= 63 else { return false }
        return isLetterOrDigit(first) && isLetterOrDigit(last)
            && label.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
    }

    static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }

    /// Whether a text is an address with `http` or `https` and a host, of at most 2,048 bytes, without white space,
    /// control characters, quotes, angle brackets and backslashes.
    static func isWebAddress(_ text: String) -> Bool {
        guard text.utf8.count <= 2_048 else { return false }
        let scheme = text.utf8.prefix(8).map { $0 | 0x20 }
        let length = scheme.starts(with: "https://".utf8) ? 8 : scheme.starts(with: "http://".utf8) ? 7 : 0
        guard length > 0 else { return false }
        let rest = text.unicodeScalars.dropFirst(length)
        guard rest.allSatisfy(isPartOfAddress) else { return false }
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        guard let first = host.first else { return false }
        return first != ":" && first != "."
    }

    private static func isPartOfAddress(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\"", "'", "<", ">", "\\", "`": false
        default: scalar.value > 0x20 && !(0x7F...0x9F).contains(scalar.value) && !scalar.properties.isWhitespace
        }
    }

    /// A bound as a visitor reads it.
    static func text(_ bound: some Comparable) -> String {
        guard let date = bound as? Date else { return "\(bound)" }
        let text = FormDate.text(date) ?? "\(date)"
        return text.hasSuffix("T00:00") ? String(text.prefix(10)) : text
    }
}
