import FoundationEssentials

/// The ways in which bytes become lines of a mail (RFC 2045, section 6).
enum TransferEncoding: String {
    case sevenBit = "7bit"
    case quotedPrintable = "quoted-printable"
    case base64 = "base64"

    /// The most characters of an encoded line.
    private static let width = 76

    /// The shortest way for a text, whose line ends are LF.
    static func best(for text: [UInt8]) -> TransferEncoding {
        var lineLength = 0, escapes = 0
        var isSimple = true
        for (index, byte) in text.enumerated() {
            lineLength = byte == 0x0A ? 0 : lineLength + 1
            if lineLength > width + 2 { isSimple = false }
            guard byte == 0x0A || byte == 0x09 || (0x20...0x7E).contains(byte) else {
                escapes += 1
                continue
            }
            // Mailboxes of one file take such a line for the next mail's beginning.
            if byte == UInt8(ascii: "F"), lineLength == 1, text[index...].starts(with: "From ".utf8) {
                isSimple = false
            }
        }
        if isSimple, escapes == 0 { return .sevenBit }
        return escapes * 6 > text.count ? .base64 : .quotedPrintable
    }

    /// The lines, with LF at each end but perhaps the last.
    func encode(_ bytes: [UInt8]) -> [UInt8] {
        switch self {
        case .sevenBit: bytes
        case .quotedPrintable: Self.quotedPrintable(bytes)
        case .base64: Self.base64Lines(bytes)
        }
    }

    /// Base64 in one line.
    static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

    private static func base64Lines(_ bytes: [UInt8]) -> [UInt8] {
        var lines: [UInt8] = []
        lines.reserveCapacity(bytes.count * 4 / 3 + bytes.count / 57 + 4)
        for start in stride(from: 0, to: bytes.count, by: 57) {
            lines += base64(Array(bytes[start..<min(start + 57, bytes.count)])).utf8
            lines.append(0x0A)
        }
        return lines
    }

    private static func quotedPrintable(_ text: [UInt8]) -> [UInt8] {
        var encoded: [UInt8] = []
        encoded.reserveCapacity(text.count + text.count / 8)
        var column = 0
        for (index, byte) in text.enumerated() {
            if byte == 0x0A {
                encoded.append(byte)
                column = 0
                continue
            }
            let isLast = index + 1 == text.count || text[index + 1] == 0x0A
            let isPlain: Bool
            switch byte {
            // Blanks at the end of a line get lost on the way.
            case 0x20, 0x09: isPlain = !isLast
            case 0x3D: isPlain = false
            // A line with a single dot ends a mail, and "From " begins one, to some programs.
            case 0x2E: isPlain = column != 0
            case 0x46: isPlain = column != 0 || !text[index...].starts(with: "From ".utf8)
            default: isPlain = (0x21...0x7E).contains(byte)
            }
            let length = isPlain ? 1 : 3
            // A line that goes on has "=" at its end.
            if column + length > (isLast ? width : width - 1) {
                encoded += [0x3D, 0x0A]
                column = 0
                if !isPlain || byte == 0x2E {
                    encoded += escape(byte)
                    column = 3
                    continue
                }
            }
            if isPlain { encoded.append(byte) } else { encoded += escape(byte) }
            column += length
        }
        return encoded
    }

    private static func escape(_ byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        return [0x3D, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
}
