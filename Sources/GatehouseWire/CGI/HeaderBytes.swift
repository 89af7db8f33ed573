extension GatewayVariables {
    /// Calls `body` with each HTTP header of the request.
    ///
    /// A header is a variable whose name is `HTTP_` and then bytes of `[A-Z0-9_]` (RFC 3875, section 4.1.18); `name` is
    /// given without the `HTTP_`. Left out are CONTENT_LENGTH and CONTENT_TYPE, which come as variables of their own
    /// (Caddy sends both forms), PROXY, and values that hold NUL, CR or LF, which cannot have come over HTTP.
    @inlinable
    public func forEachHeader(_ body: (_ name: Span<UInt8>, _ value: Span<UInt8>) -> Void) {
        if let names {
            for position in names.headers { pass(entries[position], to: body) }
            return
        }
        for entry in entries {
            // Most variables are no headers, and most of these show it in their first byte.
            guard entry.nameLength > 5, bytes[Int(entry.name)] == UInt8(ascii: "H") else { continue }
            let name = Int(entry.name)
            guard HeaderBytes.isHeader(bytes.span.extracting(unchecked: name..<name + Int(entry.nameLength))) else {
                continue
            }
            pass(entry, to: body)
        }
    }

    /// Calls `body` with a header, unless its value cannot have come over HTTP.
    @inlinable
    func pass(_ entry: Entry, to body: (_ name: Span<UInt8>, _ value: Span<UInt8>) -> Void) {
        let all = bytes.span
        let name = Int(entry.name)
        let value = Int(entry.value)
        let valueBytes = all.extracting(unchecked: value..<value + Int(entry.valueLength))
        guard !HeaderBytes.hasLineBreak(valueBytes) else { return }
        body(all.extracting(unchecked: name + 5..<name + Int(entry.nameLength)), valueBytes)
    }
}

/// Checks of a header's name and value, eight bytes at a time.
@usableFromInline
enum HeaderBytes {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// Whether a name is `HTTP_` with at least one byte of `[A-Z0-9_]` after it, and is not one that is left out.
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
                // The last eight bytes, which overlap the word before.
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

    /// Whether all eight bytes are of `[A-Z0-9_]`. Adding `0x80 - low` to a byte below 0x80 sets its high bit exactly
    /// if the byte is at least `low`.
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
            // A byte below 0x10 is rare in a header: it is looked at alone. Most are tabs.
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

/// The bytes of methods and field names: RFC 9110's token (section 5.6.2).
enum Token {
    /// One bit for each allowed byte: those below 64, and those from 64 to 127.
    private static let low = bits("!#$%&'*+-.0123456789", from: 0)
    private static let high = bits("ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~", from: 64)

    private static func bits(_ allowed: StaticString, from first: UInt8) -> UInt64 {
        var mask: UInt64 = 0
        for index in 0..<allowed.utf8CodeUnitCount { mask |= 1 << UInt64(allowed.utf8Start[index] - first) }
        return mask
    }

    static func isToken(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let low = low
        let high = high
        for byte in bytes {
            let mask = byte < 64 ? low : byte < 128 ? high : 0
            if mask >> UInt64(byte & 63) & 1 == 0 { return false }
        }
        return !bytes.isEmpty
    }
}
