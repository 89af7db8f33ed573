/// The bound values of what is being sent, in the form that libpq takes. The memory is used again.
struct ParameterBuffer: ~Copyable {
    /// Where each value's bytes begin in ``bytes``; -1 for `NULL`.
    private var offsets: [Int] = []
    private var lengths: [Int32] = []
    /// 1 for bytes as they are, 0 for text.
    private var formats: [Int32] = []
    private var pointers: [UnsafePointer<CChar>?] = []
    private var bytes: [UInt8] = []

    /// The most that the server takes in one statement.
    private static let maximumCount = 65_535
    private static let maximumBytes = 1_000_000_000
    /// The memory that is kept for the next statement.
    private static let keptBytes = 64 * 1_024

    /// The values so far.
    var count: Int { offsets.count }

    var byteCount: Int { bytes.count }

    mutating func removeAll() {
        offsets.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        formats.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptBytes)
        // So that there is an address if all values are NULL.
        bytes.append(0)
    }

    /// Adds a statement's values.
    /// - Returns: the position of the first one.
    /// - Throws: an error if the values cannot be sent.
    mutating func append(_ sql: SQL) throws(DatabaseError) -> Int {
        let start = offsets.count
        let values = try sql.flatValues(for: .postgreSQL)
        for value in values { append(value) }
        if values.count > Self.maximumCount {
            throw DatabaseError(
                .usage, "the statement has \(values.count) values, and PostgreSQL takes \(Self.maximumCount)",
                statement: sql.written)
        }
        if bytes.count > Self.maximumBytes {
            throw DatabaseError(
                .data, "the statement's values have \(bytes.count) bytes, and PostgreSQL takes \(Self.maximumBytes)",
                statement: sql.written)
        }
        return start
    }

    private mutating func append(_ value: SQLValue) {
        let start = bytes.count
        var format: Int32 = 0
        switch value {
        case .null, .invalid:
            offsets.append(-1)
            lengths.append(0)
            formats.append(0)
            return
        case .bytes(let raw):
            format = 1
            bytes += raw
        default: value.appendText(for: .postgreSQL, to: &bytes)
        }
        offsets.append(start)
        lengths.append(Int32(clamping: bytes.count - start))
        formats.append(format)
        // libpq finds the end of a text by it.
        bytes.append(0)
    }

    /// Calls `body` with the arrays of libpq for the values from `start` on.
    mutating func withPointers(
        from start: Int, count: Int,
        _ body: (
            UnsafePointer<UnsafePointer<CChar>?>?, _ lengths: UnsafePointer<Int32>?, _ formats: UnsafePointer<Int32>?
        ) -> Int32
    ) -> Int32 {
        guard count > 0 else { return body(nil, nil, nil) }
        return bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return body(nil, nil, nil) }
            pointers.removeAll(keepingCapacity: true)
            for offset in offsets[start..<start + count] {
                pointers.append(offset < 0 ? nil : (base + offset).assumingMemoryBound(to: CChar.self))
            }
            return pointers.withUnsafeBufferPointer { pointers in
                lengths.withUnsafeBufferPointer { lengths in
                    formats.withUnsafeBufferPointer { formats in
                        body(
                            pointers.baseAddress, lengths.baseAddress.map { $0 + start },
                            formats.baseAddress.map { $0 + start })
                    }
                }
            }
        }
    }
}
