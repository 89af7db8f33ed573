/// The fields of a mail's head: words in other scripts (RFC 2047) and lines that are not too long (RFC 5322, section
/// 2.1.1).
enum MailHeader {
    /// The most characters of a line that are written if there is a choice.
    private static let width = 76

    /// Whether a text has a character that ends a line or controls a device.
    static func hasControls(_ text: String) -> Bool {
        text.unicodeScalars.contains { scalar in
            scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar.value == 0x2028
                || scalar.value == 0x2029
        }
    }

    /// A text for a message in one line: without control characters, and not long.
    static func printable(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(100).map { hasControls(String($0)) ? "?" : $0 }))
    }

    /// The field of free text: `Subject: …`, in as many lines as it needs, without the last line's end.
    static func unstructured(_ name: String, _ value: String) -> String {
        let isPlain = value.utf8.allSatisfy { (0x20...0x7E).contains($0) } && !value.contains("=?")
        // Blanks at both ends, and words that fill a line, survive only in encoded words.
        let words = value.split(separator: " ", omittingEmptySubsequences: false)
        let isFoldable = words.allSatisfy { !$0.isEmpty && $0.utf8.count < width - name.utf8.count - 2 }
        guard isPlain, isFoldable || value.isEmpty else { return folded(name, encodedWords(value, after: name)) }
        return folded(name, words.map(String.init))
    }

    /// The field of a list of mailboxes.
    static func addresses(_ name: String, _ addresses: [MailAddress]) -> String {
        var pieces: [String] = []
        for (index, address) in addresses.enumerated() {
            let end = index == addresses.count - 1 ? "" : ","
            pieces += phrase(address.name, in: name)
            pieces.append(address.name.isEmpty ? address.address + end : "<\(address.address)>" + end)
        }
        return folded(name, pieces)
    }

    /// A name before an address: plain words, a quoted string, or encoded words.
    private static func phrase(_ name: String, in field: String) -> [String] {
        if name.isEmpty { return [] }
        let words = name.split(separator: " ", omittingEmptySubsequences: false)
        if words.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(MailAddress.isAtomCharacter) }), !name.contains("=?"),
            name.utf8.count < 60
        {
            return words.map(String.init)
        }
        guard name.utf8.allSatisfy({ (0x20...0x7E).contains($0) }), !name.contains("=?"), name.utf8.count < 60 else {
            return encodedWords(name, after: field)
        }
        let quoted = name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return ["\"\(quoted)\""]
    }

    /// The text as encoded words of at most 75 characters, none of which ends within a character. The first has room
    /// behind the field's name.
    private static func encodedWords(_ text: String, after name: String) -> [String] {
        // "=?utf-8?B?" and "?=" leave 63 characters, which are 45 bytes of base64.
        var room = min(45, max(4, (width - name.utf8.count - 14) / 4 * 3))
        var words: [String] = []
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            let encoded = Array(String(scalar).utf8)
            if bytes.count + encoded.count > room {
                words.append("=?utf-8?B?\(TransferEncoding.base64(bytes))?=")
                bytes = []
                room = 45
            }
            bytes += encoded
        }
        words.append("=?utf-8?B?\(TransferEncoding.base64(bytes))?=")
        return words
    }

    /// A field whose pieces are joined by blanks, or by the end of a line and a blank if the line is full.
    static func folded(_ name: String, _ pieces: [String]) -> String {
        var text = name + ":"
        var column = text.utf8.count
        for (index, piece) in pieces.enumerated() {
            // The first piece stays: an empty first line is a fault to some programs.
            if index > 0, column + 1 + piece.utf8.count > width {
                text += "\n"
                column = 0
            }
            text += " " + piece
            column += 1 + piece.utf8.count
        }
        return text
    }

    /// A parameter of a field: `; filename="a.pdf"`, or in percent escapes with its character set, in as many pieces as
    /// it needs (RFC 2231).
    static func parameter(_ name: String, _ value: String) -> String {
        let isPlain = value.utf8.allSatisfy { byte in
            (0x20...0x7E).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
        }
        if isPlain, value.utf8.count <= 60 { return ";\n \(name)=\"\(value)\"" }
        var pieces = ["utf-8''"]
        for byte in value.utf8 {
            let escape: String
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: escape = String(UnicodeScalar(byte))
            default: escape = (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
            if pieces[pieces.count - 1].utf8.count + escape.utf8.count > 54 { pieces.append("") }
            pieces[pieces.count - 1] += escape
        }
        if pieces.count == 1 { return ";\n \(name)*=\(pieces[0])" }
        return pieces.enumerated().map { ";\n \(name)*\($0)*=\($1)" }.joined()
    }
}
