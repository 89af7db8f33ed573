/// Our output, read back record by record by the tests' own reader.
struct ParsedRecord: Equatable {
    var type: UInt8
    var id: Int
    var content: [UInt8]
    var padding: [UInt8]
    var reserved: UInt8

    /// `nil` where the bytes are not whole records of version 1.
    static func all(_ bytes: [UInt8]) -> [ParsedRecord]? {
        var records: [ParsedRecord] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let header = Array(rest.prefix(8))
            guard header.count == 8, header[0] == 1 else { return nil }
            let length = Int(header[4]) << 8 | Int(header[5])
            let padding = Int(header[6])
            rest = rest.dropFirst(8)
            guard rest.count >= length + padding else { return nil }
            records.append(
                ParsedRecord(
                    type: header[1], id: Int(header[2]) << 8 | Int(header[3]), content: Array(rest.prefix(length)),
                    padding: Array(rest.dropFirst(length).prefix(padding)), reserved: header[7]))
            rest = rest.dropFirst(length + padding)
        }
        return records
    }
}
