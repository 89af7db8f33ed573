/// Text of a visitor, as a person means it.
package enum FormText {
    /// A text without white space at its ends, and with `\n` between its lines: browsers send CR LF for each end of
    /// line that was typed.
    package static func typed(_ text: String) -> String {
        var text = trimmed(text)
        guard text.utf8.contains(UInt8(ascii: "\r")) else { return text }
        return text.withUTF8 { bytes in
            String(unsafeUninitializedCapacity: bytes.count) { space in
                var end = 0
                for (index, byte) in bytes.enumerated() {
                    if byte == UInt8(ascii: "\r"), index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "\n") {
                        continue
                    }
                    space[end] = byte
                    end += 1
                }
                return end
            }
        }
    }

    /// A text without white space (Unicode's) at its ends.
    package static func trimmed(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard let first = scalars.first, let last = scalars.last else { return text }
        // Most texts have none.
        guard isSpace(first) || isSpace(last) else { return text }
        guard let start = scalars.firstIndex(where: { !isSpace($0) }),
            let end = scalars.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(scalars[start...end])
    }

    /// Whether a text is empty, or has only white space.
    static func isBlank(_ text: String) -> Bool { text.unicodeScalars.allSatisfy(isSpace) }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII
            ? scalar == " " || 9...13 ~= scalar.value
            : scalar.properties.isWhitespace
    }
}
