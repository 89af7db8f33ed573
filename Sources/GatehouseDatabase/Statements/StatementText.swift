import Glibc

/// A statement's text, with marks for what is interpolated: the key of prepared statements.
///
/// Bytes, and not a `String`: one piece of memory for the whole text, and texts are the same only if they are the same
/// for a server, to whom a letter and its canonical equivalent are two.
package struct StatementText: Sendable, Hashable, ExpressibleByStringLiteral {
    /// The text in UTF-8.
    package private(set) var bytes: [UInt8]

    /// The text as a string.
    package var string: String { String(decoding: bytes, as: UTF8.self) }

    init(_ text: String) { bytes = Array(text.utf8) }

    package init(stringLiteral value: StaticString) {
        bytes = value.withUTF8Buffer { Array($0) }
    }

    mutating func reserveCapacity(_ count: Int) { bytes.reserveCapacity(count) }

    mutating func append(_ byte: UInt8) { bytes.append(byte) }

    mutating func append(_ text: StaticString) { text.withUTF8Buffer { bytes.append(contentsOf: $0) } }

    mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func append(_ other: StatementText) { bytes.append(contentsOf: other.bytes) }

    package static func == (left: StatementText, right: StatementText) -> Bool {
        let count = left.bytes.count
        guard count == right.bytes.count else { return false }
        return left.bytes.withUnsafeBytes { left in
            right.bytes.withUnsafeBytes { right in
                guard let left = left.baseAddress, let right = right.baseAddress else { return true }
                return memcmp(left, right, count) == 0
            }
        }
    }

    /// Mixes the bytes eight at a time: every statement is looked up, and they are the program's own.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(
            bytes.withUnsafeBytes { bytes in
                var hash = UInt64(truncatingIfNeeded: bytes.count)
                var index = 0
                while index + 8 <= bytes.count {
                    hash.mix(bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                    index += 8
                }
                var rest: UInt64 = 0
                while index < bytes.count {
                    rest = rest << 8 | UInt64(bytes[index])
                    index += 1
                }
                hash.mix(rest)
                return hash
            })
    }
}

extension UInt64 {
    /// Takes another word into a hash.
    fileprivate mutating func mix(_ word: UInt64) {
        let product = (self ^ word).multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
        self = product.high ^ product.low ^ word
    }
}
