import FoundationEssentials

/// The texts that the library's functions make.
enum ViewText {
    /// The first characters of a text, and a mark if there are more.
    static func truncated(_ text: String, to count: Int, mark: String) -> String {
        guard count > 0, let end = text.index(text.startIndex, offsetBy: count, limitedBy: text.endIndex),
            end < text.endIndex
        else { return count > 0 ? text : "" }
        var kept = text[..<end]
        while kept.last?.isWhitespace == true { kept.removeLast() }
        return kept + mark
    }

    /// A text as HTML in which its lines stay lines.
    static func lines(_ text: String) -> String {
        var output = ViewOutput(capacity: text.utf8.count + 64)
        output.appendEscaped(text)
        var html: [UInt8] = []
        for (index, byte) in output.bytes.enumerated() where byte != 0x0D || !isBeforeNewline(index, output.bytes) {
            if byte == 0x0A || byte == 0x0D { html += "<br>".utf8 }
            html.append(byte == 0x0D ? 0x0A : byte)
        }
        return String(decoding: html, as: UTF8.self)
    }

    private static func isBeforeNewline(_ index: Int, _ bytes: ArraySlice<UInt8>) -> Bool {
        index + 1 < bytes.count && bytes[index + 1] == 0x0A
    }

    /// Everything but letters, digits and `-._~` as percent and two digits (RFC 3986, section 2.3): for a part of a
    /// path or of a query.
    static func percentEncoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: bytes.append(byte)
            default: bytes += [0x25, hex(byte >> 4), hex(byte & 15)]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func hex(_ digit: UInt8) -> UInt8 { digit < 10 ? 0x30 + digit : 0x37 + digit }

    /// A value as JSON that contains no character which HTML or JavaScript would read as the end of a script: `<`, `>`,
    /// `&`, `'` and the line separators are written as escapes.
    static func json(_ value: ViewValue) throws -> String {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        var text = ""
        for scalar in String(decoding: try encoder.encode(value), as: UTF8.self).unicodeScalars {
            switch scalar {
            case "<": text += "\\u003C"
            case ">": text += "\\u003E"
            case "&": text += "\\u0026"
            case "'": text += "\\u0027"
            case "\u{2028}": text += "\\u2028"
            case "\u{2029}": text += "\\u2029"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    /// A span of time in its largest unit, in English: `5 minutes ago`, `in 2 days`, `just now`.
    static func age(_ seconds: Double) -> String {
        let units: [(Double, String)] = [
            (31_557_600, "year"), (2_629_800, "month"), (604_800, "week"), (86_400, "day"), (3_600, "hour"),
            (60, "minute"),
        ]
        let distance = abs(seconds)
        guard distance.isFinite, let (unit, name) = units.first(where: { distance >= $0.0 }) else { return "just now" }
        let count = Int(min(distance / unit, 1e9))
        let span = "\(count) \(name)\(count == 1 ? "" : "s")"
        return seconds < 0 ? "in \(span)" : "\(span) ago"
    }
}
