import CFastCGI

/// The eight bytes before every record's content (FastCGI 1.0, section 3.3).
///
///      0         1      2      3      4         5         6         7
///     +---------+------+------+------+---------+---------+---------+----------+
///     | version | type | id (big end) | contentLength     | padding | reserved |
///     +---------+------+------+------+---------+---------+---------+----------+
struct RecordHeader {
    static let size = 8

    /// The most content that fits in one record and leaves it a multiple of eight, as section 3.3 recommends: 65,528.
    static var alignedContent: Int { Int(FCGI_MAX_LENGTH) & ~7 }

    /// The eight bytes, the version in the highest.
    var word: UInt64

    init(word: UInt64) {
        self.word = word
    }

    /// Content of `contentLength` bytes, at most 65,535, padded to a multiple of eight.
    init(_ type: RecordType, id: UInt16, contentLength: Int) {
        let padding = UInt64(Self.padding(for: contentLength))
        word =
            UInt64(FCGI_VERSION_1) << 56 | UInt64(type.rawValue) << 48 | UInt64(id) << 32
            | UInt64(UInt16(truncatingIfNeeded: contentLength)) << 16 | padding << 8
    }

    var version: UInt8 { UInt8(truncatingIfNeeded: word >> 56) }
    var type: RecordType { RecordType(rawValue: UInt8(truncatingIfNeeded: word >> 48)) }
    var id: UInt16 { UInt16(truncatingIfNeeded: word >> 32) }
    var contentLength: Int { Int(truncatingIfNeeded: word >> 16 & 0xffff) }
    var paddingLength: Int { Int(truncatingIfNeeded: word >> 8 & 0xff) }

    /// Zeros that bring `contentLength` to a multiple of eight.
    static func padding(for contentLength: Int) -> Int { -contentLength & 7 }
}
