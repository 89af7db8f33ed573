/// A row to a type's `init(from:)`.
struct RowDecoder: Decoder {
    let row: ResultRow

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(RowContainer<Key>(row: row))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw DatabaseError(.usage, "a row has names: read it as a type with properties, or as a tuple of columns")
    }

    /// The only column, for a raw-value type or another one that wraps a single value.
    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        guard row.columns.count == 1 else {
            throw DatabaseError(.usage, "the result has other columns than the one that its type is made of")
        }
        return CellDecoder(row: row, column: 0)
    }
}

/// The columns of a row by the keys of its type.
private struct RowContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let row: ResultRow

    var codingPath: [any CodingKey] { [] }

    var allKeys: [Key] { row.columns.names.compactMap { Key(stringValue: $0) } }

    func contains(_ key: Key) -> Bool { row.peekColumn(of: key.stringValue) != nil }

    func decodeNil(forKey key: Key) throws -> Bool {
        guard let column = row.peekColumn(of: key.stringValue) else {
            throw row.missing(key.stringValue, Never?.self)
        }
        return try row.decoded(column).isNull
    }

    @inline(__always)
    private func column<Value>(_ key: Key, _ type: Value.Type) throws -> Int {
        guard let column = row.column(of: key.stringValue) else { throw row.missing(key.stringValue, type) }
        return column
    }

    @inline(__always)
    private func value<Value: ColumnValue>(_ type: Value.Type, _ key: Key) throws -> Value {
        try row.value(type, at: column(key, type))
    }

    @inline(__always)
    private func optional<Value: ColumnValue>(_ type: Value.Type, _ key: Key) throws -> Value? {
        guard let column = row.column(of: key.stringValue) else { return nil }
        return try row.value(Value?.self, at: column)
    }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try value(type, key) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try value(type, key) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try value(type, key) }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try value(type, key) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try value(type, key) }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try value(type, key) }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try value(type, key) }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try value(type, key) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try value(type, key) }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try value(type, key) }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try value(type, key) }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try value(type, key) }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try value(type, key) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try value(type, key) }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try CellDecoder(row: row, column: column(key, type)).value(type)
    }

    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try optional(type, key) }
    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? { try optional(type, key) }
    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? { try optional(type, key) }
    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try optional(type, key) }
    func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? { try optional(type, key) }

    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        guard let column = row.column(of: key.stringValue), try !row.decoded(column).isNull else { return nil }
        return try CellDecoder(row: row, column: column).value(type)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        throw nesting(key)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw nesting(key) }

    func superDecoder() throws -> any Decoder { RowDecoder(row: row) }

    func superDecoder(forKey key: Key) throws -> any Decoder {
        CellDecoder(row: row, column: try column(key, Key.self))
    }

    private func nesting(_ key: Key) -> DatabaseError {
        DatabaseError(.usage, "column \"\(key.stringValue)\" is no object: read JSON as a type of its own")
    }
}
