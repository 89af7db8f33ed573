/// Decides on paths as SUPPORTED.md's table says. Bytes are looked at as they are: nothing is decoded, folded or
/// normalised, so that no two parts of the system can see two different paths.
enum PathChecker {
    /// Path and query as text, with spaces and bytes that are not ASCII percent-encoded.
    /// - Parameter limit: the most bytes that the target may have, before and after it is encoded.
    static func check(_ target: UnsafeBufferPointer<UInt8>, limit: Int) throws(BadRequest) -> String {
        guard target.count <= limit else { throw tooLong(target.count, limit) }
        guard target.first == UInt8(ascii: "/") else { throw BadRequest(reason: "the path does not begin with /") }
        var pathEnd = target.count
        var needsEncoding = false
        var isSuspect = false
        var index = 0
        while index < target.count {
            let byte = target[index]
            if byte &- 0x21 > 0x5d {
                if isControl(byte) { throw BadRequest(reason: "control \(byte) in the path or query") }
                needsEncoding = true
            } else if byte == UInt8(ascii: "?") {
                if pathEnd == target.count { pathEnd = index }
            } else if byte == UInt8(ascii: "#") {
                throw BadRequest(reason: "a fragment in the path or query")
            } else if byte == UInt8(ascii: "%") || byte == UInt8(ascii: ".") {
                isSuspect = isSuspect || pathEnd == target.count
            }
            index += 1
        }
        if isSuspect { try checkSegments(target[..<pathEnd]) }
        guard needsEncoding else { return String(decoding: target, as: UTF8.self) }
        let encoded = encoded(target, where: { $0 == 0x20 || $0 >= 0x80 })
        guard encoded.count <= limit else { throw tooLong(encoded.count, limit) }
        return String(decoding: encoded, as: UTF8.self)
    }

    static func check(_ target: [UInt8], limit: Int) throws(BadRequest) -> String {
        try target.span.withUnsafeBufferPointer { (target) throws(BadRequest) in try check(target, limit: limit) }
    }

    private static func tooLong(_ count: Int, _ limit: Int) -> BadRequest {
        BadRequest(httpStatus: 414, reason: "path and query of \(count) bytes, over \(limit)")
    }

    static func isControl(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x7f }

    /// Refuses `%00`, and `.` and `..` segments in any spelling. The front server resolved them before it chose its
    /// rules, so a handler that saw them would see another path than those rules did.
    private static func checkSegments(_ path: Slice<UnsafeBufferPointer<UInt8>>) throws(BadRequest) {
        var isDots = true
        var dots = 0
        var index = path.startIndex
        while index < path.endIndex {
            var byte = path[index]
            if byte == UInt8(ascii: "%"), path.endIndex - index >= 3 {
                let high = path[index + 1]
                let low = path[index + 2]
                if high == UInt8(ascii: "0"), low == UInt8(ascii: "0") { throw BadRequest(reason: "%00 in the path") }
                if high == UInt8(ascii: "2"), low | 0x20 == UInt8(ascii: "e") {
                    byte = UInt8(ascii: ".")
                    index += 2
                }
            }
            index += 1
            if byte == UInt8(ascii: "/") {
                if isDots, dots == 1 || dots == 2 { throw BadRequest(reason: "a dot segment in the path") }
                isDots = true
                dots = 0
            } else if byte == UInt8(ascii: ".") {
                dots += 1
            } else {
                isDots = false
            }
        }
        if isDots, dots == 1 || dots == 2 { throw BadRequest(reason: "a dot segment in the path") }
    }

    /// A path that the front server has decoded, encoded again as far as a target needs it.
    /// - Parameter keepsEscapes: leaves `%` as it is, for a path that is encoded already.
    static func encoded(_ path: UnsafeBufferPointer<UInt8>, keepsEscapes: Bool) -> [UInt8] {
        encoded(path) { byte in
            switch byte {
            case 0...0x20, 0x7f...0xff, UInt8(ascii: "#"), UInt8(ascii: "?"): true
            case UInt8(ascii: "%"): !keepsEscapes
            default: false
            }
        }
    }

    /// QUERY_STRING with the bytes that a query may not have encoded. Front servers never decode it.
    static func encodedQuery(_ query: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        encoded(query) { $0 <= 0x20 || $0 >= 0x7f || $0 == UInt8(ascii: "#") }
    }

    private static func encoded(_ bytes: UnsafeBufferPointer<UInt8>, where isEncoded: (UInt8) -> Bool) -> [UInt8] {
        var encoded: [UInt8] = []
        encoded.reserveCapacity(bytes.count + 16)
        for byte in bytes {
            if isEncoded(byte) {
                encoded.append(UInt8(ascii: "%"))
                encoded.append(hexDigit(byte >> 4))
                encoded.append(hexDigit(byte & 15))
            } else {
                encoded.append(byte)
            }
        }
        return encoded
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x41 - 10 + value }
}
