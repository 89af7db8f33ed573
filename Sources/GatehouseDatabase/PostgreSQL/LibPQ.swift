import CGatehouseDatabase

/// The library of PostgreSQL's clients, opened when the first of its connections is made.
enum LibPQ {
    /// The reason why the library cannot be used; `nil` if it can.
    static let failure: String? = {
        var reason = [CChar](repeating: 0, count: 512)
        guard gatehouse_libpq_open(&reason, reason.count) != 0 else { return nil }
        return "PostgreSQL needs the library libpq.so.5 (Debian: apt install libpq5): \(text(reason))"
    }()

    /// - Throws: `.usage` if the library is missing.
    static func open() throws(DatabaseError) {
        if let failure { throw DatabaseError(.usage, failure) }
    }

    /// Text of the library or the server, in one line.
    static func line(_ text: UnsafePointer<CChar>?) -> String {
        guard let text else { return "" }
        return line(String(cString: text))
    }

    static func line(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// libpq's options as a dictionary, without those that have no value. Frees them.
    static func taken(_ options: UnsafeMutablePointer<PQconninfoOption>?) -> [String: String] {
        defer { gatehouse_pq_conninfo_free(options) }
        var values: [String: String] = [:]
        var next = options
        while let option = next, let keyword = option.pointee.keyword {
            if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
            next = option + 1
        }
        return values
    }
}
