/// What makes a CGI variable a header, looked at eight bytes at a time.
@usableFromInline
enum HeaderBytes {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// Whether a name of more than five bytes is `HTTP_` and `[A-Z0-9_]` after it, and none of those left out.
    @usableFromInline
    static func isHeader(_ name: Span<UInt8>) -> Bool {
        name.withUnsafeBytes { name in
            let count = name.count
            guard count > 5, UInt32(bigEndian: name.loadUnaligned(as: UInt32.self)) == 0x4854_5450, name[4] == 0x5f
            else { return false }
            var offset = 5
            if count - offset >= 8 {
                while offset < count - 8 {
                    if !isAllowed(name.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) { return false }
                    offset += 8
                }
                // The last eight, some of them for the second time.
                if !isAllowed(name.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)) { return false }
            } else {
                while offset < count {
                    if !isAllowed(UInt64(name[offset]) &* ones) { return false }
                    offset += 1
                }
            }
            return !isLeftOut(name)
        }
    }

    private static func isLeftOut(_ name: UnsafeRawBufferPointer) -> Bool {
        switch name.count {
        case 17: name.elementsEqual("HTTP_CONTENT_TYPE".utf8)
        case 19: name.elementsEqual("HTTP_CONTENT_LENGTH".utf8)
        default: false
        }
    }

    /// Whether all eight bytes are of `[A-Z0-9_]`. Below 0x80 a byte's high bit, after an addition, says whether the
    /// byte was at least as large as what the addition left to 0x80.
    @inline(__always)
    private static func isAllowed(_ word: UInt64) -> Bool {
        guard word & highs == 0 else { return false }
        let digits = (word &+ ones &* (0x80 - 0x30)) & ~(word &+ ones &* (0x7f - 0x39))
        let letters = (word &+ ones &* (0x80 - 0x41)) & ~(word &+ ones &* (0x7f - 0x5a))
        let underscore = (word &+ ones &* (0x80 - 0x5f)) & ~(word &+ ones &* (0x7f - 0x5f))
        return (digits | letters | underscore) & highs == highs
    }

    /// Whether a value holds NUL, CR or LF.
    @usableFromInline
    static func hasLineBreak(_ value: Span<UInt8>) -> Bool {
        value.withUnsafeBytes { hasLineBreak($0) }
    }

    static func hasLineBreak(_ value: UnsafeRawBufferPointer) -> Bool {
        var offset = 0
        while offset <= value.count - 8 {
            let word = value.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            // Below 0x10 there is nothing in a header but tabs, so what is to be found is found byte by byte.
            if (word &- ones &* 0x10) & ~word & highs != 0, hasLineBreak(value, from: offset, to: offset + 8) {
                return true
            }
            offset += 8
        }
        return hasLineBreak(value, from: offset, to: value.count)
    }

    private static func hasLineBreak(_ value: UnsafeRawBufferPointer, from start: Int, to end: Int) -> Bool {
        for index in start..<end {
            let byte = value[index]
            if byte == 0 || byte == 0x0a || byte == 0x0d { return true }
        }
        return false
    }
}
