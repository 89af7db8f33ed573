/// Escapes values that a client has chosen, so that none ends its field or its line.
enum AccessLogEscaping {
    /// Escapes as nginx's `escape=default`: `"`, `\` and everything but printable ASCII become `\xXX`.
    static func appendText(_ value: UnsafeRawBufferPointer, to lines: inout [UInt8]) {
        for byte in value {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), 0..<0x20, 0x7f...0xff:
                lines.append(UInt8(ascii: "\\"))
                lines.append(UInt8(ascii: "x"))
                lines.append(upperDigit(byte >> 4))
                lines.append(upperDigit(byte & 15))
            default: lines.append(byte)
            }
        }
    }

    /// Escapes as Apache's mod_log_config (`ap_escape_logitem`): C's escapes, and lower case in `\xhh`.
    static func appendAsApache(_ value: UnsafeRawBufferPointer, to lines: inout [UInt8]) {
        for byte in value {
            if (0x20..<0x7f).contains(byte), byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
                lines.append(byte)
                continue
            }
            lines.append(UInt8(ascii: "\\"))
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): lines.append(byte)
            case 0x08: lines.append(UInt8(ascii: "b"))
            case 0x09: lines.append(UInt8(ascii: "t"))
            case 0x0a: lines.append(UInt8(ascii: "n"))
            case 0x0b: lines.append(UInt8(ascii: "v"))
            case 0x0d: lines.append(UInt8(ascii: "r"))
            default:
                lines.append(UInt8(ascii: "x"))
                lines.append(upperDigit(byte >> 4) | 0x20)
                lines.append(upperDigit(byte & 15) | 0x20)
            }
        }
    }

    /// Escapes as JSON (RFC 8259, section 7). Bytes that are not UTF-8 become U+FFFD, or the line would not be JSON.
    static func appendJSON(_ value: UnsafeRawBufferPointer, to lines: inout [UInt8]) {
        guard value.allSatisfy({ $0 < 0x80 }) else {
            var text = String(decoding: value, as: UTF8.self)
            return text.withUTF8 { appendJSON(utf8: UnsafeRawBufferPointer($0), to: &lines) }
        }
        appendJSON(utf8: value, to: &lines)
    }

    private static func appendJSON(utf8 value: UnsafeRawBufferPointer, to lines: inout [UInt8]) {
        for byte in value {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                lines.append(UInt8(ascii: "\\"))
                lines.append(byte)
            case 0..<0x20, 0x7f:
                lines += "\\u00".utf8
                lines.append(upperDigit(byte >> 4))
                lines.append(upperDigit(byte & 15))
            default: lines.append(byte)
            }
        }
    }

    private static func upperDigit(_ number: UInt8) -> UInt8 {
        number < 10 ? 0x30 + number : 0x37 + number
    }
}
