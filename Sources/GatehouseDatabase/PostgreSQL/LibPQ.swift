import CGatehouseDatabase

/// Reads what libpq gives.
enum LibPQ {
    /// Text of the library or the server, in one line.
    static func line(_ text: UnsafePointer<CChar>?) -> String {
        guard let text else { return "" }
        return String(cString: text).split(whereSeparator: \.isWhitespace).joined(separator: " ")
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
