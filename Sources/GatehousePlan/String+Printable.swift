extension Unicode.Scalar {
    /// Whether it shows as itself: not if it moves a cursor, changes a line's direction, or cannot be seen.
    package var isPrintable: Bool {
        if isASCII { return value >= 0x20 && value != 0x7F }
        return switch properties.generalCategory {
        // Joiners and non-joiners are part of words and of pictures, and change no direction.
        case .format where value == 0x200C || value == 0x200D: true
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}

extension String {
    /// The text made safe for a log, a message and a terminal: one line, without characters that a terminal would obey.
    /// Characters that are not printable become `\n`, `\x1b` or `\u{2028}`.
    /// - Parameters:
    ///   - limit: Unicode scalars; a longer text is cut, and ends with `…`.
    ///   - escapesBackslash: whether a backslash becomes two, so that no text can imitate an escape. Not for text that
    ///     may have been escaped already.
    package func printable(atMost limit: Int = .max, escapesBackslash: Bool = false) -> String {
        // Most texts are safe as they are.
        if utf8.count <= limit, utf8.allSatisfy({ (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: "\\") }) {
            return self
        }
        var result = ""
        var left = limit
        for scalar in unicodeScalars {
            guard left > 0 else { return result + "…" }
            left -= 1
            switch scalar {
            case "\\" where escapesBackslash: result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.isPrintable: result.unicodeScalars.append(scalar)
            // The digit before keeps the zeros.
            case _ where scalar.value < 0x100: result += "\\x" + String(0x100 + scalar.value, radix: 16).dropFirst()
            default: result += "\\u{" + String(scalar.value, radix: 16) + "}"
            }
        }
        return result
    }
}
