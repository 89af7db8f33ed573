import CFastCGI

/// The eight bytes before every record's content (FastCGI 1.0, section 3.3). Numbers of two bytes have the high one
/// first.
///
///      0         1      2     3     4        5        6         7
///     +---------+------+-----+-----+--------+--------+---------+----------+---------+---------+
///     | version | type | id1 | id0 | length1 length0 | padding | reserved | content | padding |
///     +---------+------+-----+-----+--------+--------+---------+----------+---------+---------+
struct RecordHeader {
    static let size = 8

    /// The most content that fits in one record and leaves it a multiple of eight, as section 3.3 recommends: 65,528.
    static var alignedContent: Int { Int(FCGI_MAX_LENGTH) & ~7 }

    /// The eight bytes; the version is the highest.
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
/// A record's type (FastCGI 1.0, section 8). Open, because a peer may send any byte.
struct RecordType: RawRepresentable, Hashable, Sendable {
    var rawValue: UInt8

    static var beginRequest: RecordType { RecordType(rawValue: UInt8(FCGI_BEGIN_REQUEST)) }
    static var abortRequest: RecordType { RecordType(rawValue: UInt8(FCGI_ABORT_REQUEST)) }
    static var endRequest: RecordType { RecordType(rawValue: UInt8(FCGI_END_REQUEST)) }
    static var parameters: RecordType { RecordType(rawValue: UInt8(FCGI_PARAMS)) }
    static var standardInput: RecordType { RecordType(rawValue: UInt8(FCGI_STDIN)) }
    static var standardOutput: RecordType { RecordType(rawValue: UInt8(FCGI_STDOUT)) }
    static var standardError: RecordType { RecordType(rawValue: UInt8(FCGI_STDERR)) }
    static var data: RecordType { RecordType(rawValue: UInt8(FCGI_DATA)) }
    static var getValues: RecordType { RecordType(rawValue: UInt8(FCGI_GET_VALUES)) }
    static var getValuesResult: RecordType { RecordType(rawValue: UInt8(FCGI_GET_VALUES_RESULT)) }
    static var unknownType: RecordType { RecordType(rawValue: UInt8(FCGI_UNKNOWN_TYPE)) }
}
