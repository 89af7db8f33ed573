extension String {
    /// This text as the content of an element or of a quoted attribute: `&`, `<`, `>`, `"` and `'` become character
    /// references, everything else stays (HTML Standard, 13.3, "escaping a string").
    ///
    /// It makes a text harmless between tags and between the quotes of `value="…"`. It does nothing for a script, a
    /// style, an attribute without quotes, or an address (`href="javascript:…"`): see ``HTML/safeLink(_:)`` for the
    /// last.
    public var htmlEscaped: String {
        var text = self
        return text.withUTF8 { bytes -> String? in
            let growth = HTMLEscaping.growth(of: bytes)
            guard growth > 0 else { return nil }
            return String(unsafeUninitializedCapacity: bytes.count + growth) { space in
                var end = 0
                HTMLEscaping.forEachPiece(of: bytes) { piece in
                    _ = UnsafeMutableBufferPointer(rebasing: space[end...]).update(fromContentsOf: piece)
                    end += piece.count
                }
                return end
            }
        } ?? self
    }

    /// Appends another text as ``htmlEscaped`` has it, without a string between.
    public mutating func appendHTMLEscaped(_ text: String) {
        append(text.htmlEscaped)
    }
}

/// The five characters that mean something between tags or between quotes. All are ASCII, so bytes of UTF-8 tell.
enum HTMLEscaping {
    /// One bit for each of the five bytes, which are all below 64.
    private static let marks: UInt64 = 1 << 0x22 | 1 << 0x26 | 1 << 0x27 | 1 << 0x3C | 1 << 0x3E

    @inline(__always)
    private static func isMark(_ byte: UInt8) -> Bool { byte < 64 && marks & (1 << UInt64(byte)) != 0 }

    private static func reference(_ mark: UInt8) -> StaticString {
        switch mark {
        case 0x22: "&quot;"
        case 0x26: "&amp;"
        case 0x27: "&#39;"
        case 0x3C: "&lt;"
        default: "&gt;"
        }
    }

    /// The bytes that escaping adds; 0 if there is nothing to escape.
    static func growth(of bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var growth = 0
        for byte in bytes where isMark(byte) { growth += reference(byte).utf8CodeUnitCount - 1 }
        return growth
    }

    /// Gives the escaped text in its order: runs of bytes that stay, and character references.
    static func forEachPiece(
        of bytes: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        var start = 0
        for (index, byte) in bytes.enumerated() where isMark(byte) {
            if index > start { body(UnsafeBufferPointer(rebasing: bytes[start..<index])) }
            reference(byte).withUTF8Buffer(body)
            start = index + 1
        }
        if start < bytes.count { body(UnsafeBufferPointer(rebasing: bytes[start...])) }
    }
}
