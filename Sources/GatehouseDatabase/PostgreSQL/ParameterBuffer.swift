/// The bound values of what is being sent, in the form that libpq takes. The memory is used again.
struct ParameterBuffer: ~Copyable {
    private struct Value {
        /// The place of its bytes in ``bytes``; -1 for `NULL`.
        var offset: Int
        var length: Int32
        /// Whether it is bytes as they are, and not text.
        var isRaw: Bool
    }

    private var values: [Value] = []
    private var bytes: [UInt8] = []
    /// Whether a value is raw. Otherwise libpq needs neither lengths nor formats.
    private var hasRaw = false

    /// The most that the server takes in one statement.
    private static let maximumCount = 65_535
    private static let maximumBytes = 1_000_000_000
    /// The memory that is kept for the next statement.
    private static let keptBytes = 64 * 1_024

    /// The values so far.
    var count: Int { values.count }

    var byteCount: Int { bytes.count }

    mutating func removeAll() {
        guard !values.isEmpty else { return }
        values.clear()
        bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptBytes)
        hasRaw = false
    }

    /// Adds a statement's values.
    /// - Returns: the position of the first one.
    /// - Throws: an error if the values cannot be sent.
    mutating func append(_ sql: SQL) throws(DatabaseError) -> Int {
        let start = values.count
        let added = try sql.flatValues(for: .postgreSQL)
        for value in added { append(value) }
        if added.count > Self.maximumCount {
            throw DatabaseError(
                .usage, "the statement has \(added.count) values, and PostgreSQL takes \(Self.maximumCount)",
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
        var isRaw = false
        switch value {
        case .null, .invalid: return values.append(Value(offset: -1, length: 0, isRaw: false))
        case .bytes(let raw):
            isRaw = true
            hasRaw = true
            bytes += raw
        default: value.appendText(for: .postgreSQL, to: &bytes)
        }
        values.append(Value(offset: start, length: Int32(clamping: bytes.count - start), isRaw: isRaw))
        // libpq finds the end of a text by it.
        bytes.append(0)
    }

    /// A value that is a whole number of up to four digits; `nil` for every other.
    func number(at index: Int) -> Int? {
        guard index < values.count, values[index].offset >= 0, !values[index].isRaw else { return nil }
        let (start, length) = (values[index].offset, Int(values[index].length))
        guard (1...4).contains(length) else { return nil }
        var number = 0
        for digit in bytes[start..<start + length] {
            guard digit.isASCIIDigit else { return nil }
            number = number * 10 + Int(digit & 15)
        }
        return number
    }

    /// Calls `body` with the arrays of libpq for the values from `start` on.
    func withPointers(
        from start: Int, count: Int,
        _ body: (
            UnsafePointer<UnsafePointer<CChar>?>?, _ lengths: UnsafePointer<Int32>?, _ formats: UnsafePointer<Int32>?
        ) -> Int32
    ) -> Int32 {
        guard count > 0 else { return body(nil, nil, nil) }
        return bytes.withUnsafeBytes { bytes in
            withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: count) { pointers in
                for index in 0..<count {
                    let offset = values[start + index].offset
                    // Without any bytes there is no address, and no value that is not NULL.
                    let address = offset < 0 ? nil : bytes.baseAddress.map { $0 + offset }
                    pointers.initializeElement(at: index, to: address?.assumingMemoryBound(to: CChar.self))
                }
                guard hasRaw else { return body(pointers.baseAddress, nil, nil) }
                let lengths = values[start..<start + count].map(\.length)
                let formats: [Int32] = values[start..<start + count].map { $0.isRaw ? 1 : 0 }
                return lengths.withUnsafeBufferPointer { lengths in
                    formats.withUnsafeBufferPointer { body(pointers.baseAddress, lengths.baseAddress, $0.baseAddress) }
                }
            }
        }
    }
}
