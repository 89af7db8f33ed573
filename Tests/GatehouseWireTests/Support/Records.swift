import CFastCGI

/// Records as a front server writes them, right and wrong ones: the tests' own encoder, independent of the tested code.
enum Record {
    static func bytes(
        _ type: Int32, id: Int = 1, _ content: [UInt8] = [], padding: Int? = nil, version: UInt8 = 1,
        filler: UInt8 = 0
    ) -> [UInt8] {
        let padding = padding ?? (8 - content.count % 8) % 8
        return [
            version, UInt8(type), UInt8(id >> 8), UInt8(id & 255), UInt8(content.count >> 8),
            UInt8(content.count & 255),
            UInt8(padding), 0,
        ] + content + [UInt8](repeating: filler, count: padding)
    }

    static func begin(id: Int = 1, role: Int32 = FCGI_RESPONDER, keep: Bool = false) -> [UInt8] {
        bytes(FCGI_BEGIN_REQUEST, id: id, [0, UInt8(role & 255), keep ? 1 : 0, 0, 0, 0, 0, 0])
    }

    /// PARAMS in records of at most `size`, and the empty one.
    static func parameters(
        _ pairs: [(String, String)], id: Int = 1, size: Int = 65_535, padding: Int? = nil
    ) -> [UInt8] {
        stream(FCGI_PARAMS, Pairs.bytes(pairs), id: id, size: size, padding: padding)
    }

    static func input(_ text: String, id: Int = 1, size: Int = 65_535, padding: Int? = nil) -> [UInt8] {
        stream(FCGI_STDIN, Array(text.utf8), id: id, size: size, padding: padding)
    }

    /// A stream in records of at most `size`, and the empty record that ends it.
    static func stream(
        _ type: Int32, _ content: [UInt8], id: Int = 1, size: Int = 65_535, padding: Int? = nil
    ) -> [UInt8] {
        var records: [UInt8] = []
        var rest = content[...]
        while !rest.isEmpty {
            records += bytes(type, id: id, Array(rest.prefix(size)), padding: padding)
            rest = rest.dropFirst(size)
        }
        return records + bytes(type, id: id, padding: 0)
    }

    static func abort(id: Int = 1) -> [UInt8] { bytes(FCGI_ABORT_REQUEST, id: id) }

    static func getValues(_ names: [String]) -> [UInt8] {
        bytes(FCGI_GET_VALUES, id: 0, Pairs.bytes(names.map { ($0, "") }))
    }
}

/// Name-value pairs with lengths of one or four bytes.
enum Pairs {
    static func bytes(_ pairs: [(String, String)], long: Bool = false) -> [UInt8] {
        pairs.flatMap { name, value in
            length(name.utf8.count, long: long) + length(value.utf8.count, long: long) + Array(name.utf8)
                + Array(value.utf8)
        }
    }

    static func length(_ count: Int, long: Bool = false) -> [UInt8] {
        if count < 128, !long { return [UInt8(count)] }
        return [
            UInt8(count >> 24 & 127) | 128, UInt8(count >> 16 & 255), UInt8(count >> 8 & 255), UInt8(count & 255),
        ]
    }
}

/// SCGI requests as a front server writes them.
enum Netstring {
    static func request(_ pairs: [(String, String)], body: String = "") -> [UInt8] {
        wrap(head(pairs)) + Array(body.utf8)
    }

    static func head(_ pairs: [(String, String)]) -> [UInt8] {
        pairs.flatMap { Array($0.0.utf8) + [0] + Array($0.1.utf8) + [0] }
    }

    static func wrap(_ head: [UInt8], comma: String = ",") -> [UInt8] {
        Array("\(head.count):".utf8) + head + Array(comma.utf8)
    }
}

/// A record of our output, read back by the tests' own reader.
struct ParsedRecord: Equatable {
    var type: UInt8
    var id: Int
    var content: [UInt8]
    var padding: [UInt8]
    var reserved: UInt8

    /// All records; `nil` if the bytes are not whole records of version 1.
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

/// uwsgi requests as a front server writes them.
enum Packet {
    static func request(
        _ pairs: [(String, String)], body: String = "", modifier1: UInt8 = 0, modifier2: UInt8 = 0
    ) -> [UInt8] {
        wrap(variables(pairs), modifier1: modifier1, modifier2: modifier2) + Array(body.utf8)
    }

    static func variables(_ pairs: [(String, String)]) -> [UInt8] {
        pairs.flatMap { length($0.0.utf8.count) + Array($0.0.utf8) + length($0.1.utf8.count) + Array($0.1.utf8) }
    }

    static func wrap(_ variables: [UInt8], modifier1: UInt8 = 0, modifier2: UInt8 = 0) -> [UInt8] {
        [modifier1] + length(variables.count) + [modifier2] + variables
    }

    static func length(_ count: Int) -> [UInt8] { [UInt8(count & 255), UInt8(count >> 8 & 255)] }
}
