import CFastCGI

/// Records as a front server writes them, right and wrong ones: the tests' own encoder, independent of what it tests.
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
