extension Unicode.Scalar {
    /// Whether it shows as what it is: not what moves a cursor, changes a line's direction, or cannot be seen.
    var isPlain: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}

extension String {
    /// Fit for a terminal: one line, and nothing in it that the terminal would obey. Requests say what is in a path, and a
    /// status is read by root.
    public var escapedForTerminal: String {
        if unicodeScalars.allSatisfy(\.isPlain) { return self }
        var result = ""
        for scalar in unicodeScalars {
            if scalar.isPlain {
                result.unicodeScalars.append(scalar)
            } else if scalar.value < 0x100 {
                result += "\\x" + Self.hexadecimal(scalar.value, digits: 2)
            } else {
                result += "\\u{" + Self.hexadecimal(scalar.value, digits: 4) + "}"
            }
        }
        return result
    }

    /// The same for a whole JSON text, whose line breaks stay, as JSON itself writes such characters (RFC 8259, section
    /// 7).
    var escapedJSON: String {
        if unicodeScalars.allSatisfy({ $0.isPlain || $0 == "\n" }) { return self }
        var result = ""
        for scalar in unicodeScalars {
            if scalar.isPlain || scalar == "\n" {
                result.unicodeScalars.append(scalar)
            } else {
                for unit in Swift.String(scalar).utf16 { result += "\\u" + Self.hexadecimal(UInt32(unit), digits: 4) }
            }
        }
        return result
    }

    private static func hexadecimal(_ value: UInt32, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: Swift.max(0, digits - text.count)) + text
    }
}
