import CFastCGI

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
