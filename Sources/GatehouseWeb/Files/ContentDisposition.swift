import Gatehouse

/// The header `Content-Disposition` (RFC 6266): whether the browser shows a file or saves it, and by which name.
public struct ContentDisposition: Sendable, Hashable {
    /// Whether the browser saves the file.
    public var isAttachment: Bool

    /// The name that it proposes; `nil` for the last part of the address.
    public var fileName: String?

    /// The browser saves the file.
    public static func attachment(_ fileName: String? = nil) -> ContentDisposition {
        ContentDisposition(isAttachment: true, fileName: fileName)
    }

    /// The browser shows the file if it can.
    public static func inline(_ fileName: String? = nil) -> ContentDisposition {
        ContentDisposition(isAttachment: false, fileName: fileName)
    }

    /// The header's value: `attachment; filename="Bericht M_rz.pdf"; filename*=UTF-8''Bericht%20M%C3%A4rz.pdf`.
    ///
    /// Any name is safe: line ends and other control characters, slashes, backslashes and quotes become `_`, and so do
    /// the characters that change the direction of writing, which make `exe.gpj` of a program's name. It is cut at 200
    /// bytes, before its extension.
    public var text: String {
        let kind = isAttachment ? "attachment" : "inline"
        guard let name = fileName.map(Self.safe), !name.isEmpty else { return kind }
        var plain = ""
        for scalar in name.unicodeScalars {
            // Some browsers decode `%41` in the plain form.
            plain.unicodeScalars.append(scalar.isASCII && scalar != "%" ? scalar : "_")
        }
        if plain == name { return "\(kind); filename=\"\(plain)\"" }
        return "\(kind); filename=\"\(plain)\"; filename*=UTF-8''\(PercentCoding.encoded(name, keeping: Self.isKept))"
    }

    /// `attr-char` of RFC 8187, section 3.2.1.
    private static func isKept(_ byte: UInt8) -> Bool {
        (PercentCoding.isUnreserved(byte) || "!#$&+^`|".utf8.contains(byte))
    }

    private static func safe(_ name: String) -> String {
        var text = ""
        for scalar in shortened(name, to: 200).unicodeScalars {
            text.unicodeScalars.append(isUnsafe(scalar) ? "_" : scalar)
        }
        return text
    }

    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x22, 0x2F, 0x5C: true
        // Marks of direction, and line separators.
        case 0x61C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069, 0x2028, 0x2029: true
        default: false
        }
    }

    private static func shortened(_ name: String, to most: Int) -> String {
        guard name.utf8.count > most else { return name }
        var ending = ""
        if let dot = name.lastIndex(of: "."), name[dot...].utf8.count <= 20 { ending = String(name[dot...]) }
        var short = ""
        for scalar in name.unicodeScalars {
            if short.utf8.count + UTF8.width(scalar) > most - ending.utf8.count { break }
            short.unicodeScalars.append(scalar)
        }
        return short + ending
    }
}
