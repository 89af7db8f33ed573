import FoundationEssentials

/// One column to the `init(from:)` of a type that is made of one value.
struct CellDecoder: Decoder, SingleValueDecodingContainer {
    /// Thrown at a type that wants keys or elements, which are in the column's JSON.
    private struct NeedsDocument: Error {}

    let row: ResultRow
    let column: Int

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    /// The column's value: as a ``ColumnValue``, else as a type that wraps one, else from JSON.
    func value<Value: Decodable>(_ type: Value.Type) throws -> Value {
        // Without a look at the type's conformances, which costs more than the value.
        if type == Date.self, let value = try row.value(Date.self, at: column) as? Value { return value }
        if type == UUID.self, let value = try row.value(UUID.self, at: column) as? Value { return value }
        if let type = type as? any ColumnValue.Type, let value = try open(type) as? Value { return value }
        do {
            return try Value(from: self)
        } catch is NeedsDocument {
            return try json(type)
        } catch let error as DatabaseError {
            throw error
        } catch {
            throw row.misfit(error, type)
        }
    }

    private func open<One: ColumnValue>(_ type: One.Type) throws -> One { try row.value(type, at: column) }

    private func json<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let cell = try row.decoded(column)
        do {
            return try cell.json(type)
        } catch {
            throw row.error(error, at: column, type)
        }
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        throw NeedsDocument()
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw NeedsDocument() }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    func decodeNil() -> Bool { (try? row.decoded(column))?.isNull ?? true }

    func decode(_ type: Bool.Type) throws -> Bool { try open(type) }
    func decode(_ type: String.Type) throws -> String { try open(type) }
    func decode(_ type: Double.Type) throws -> Double { try open(type) }
    func decode(_ type: Float.Type) throws -> Float { try open(type) }
    func decode(_ type: Int.Type) throws -> Int { try open(type) }
    func decode(_ type: Int8.Type) throws -> Int8 { try open(type) }
    func decode(_ type: Int16.Type) throws -> Int16 { try open(type) }
    func decode(_ type: Int32.Type) throws -> Int32 { try open(type) }
    func decode(_ type: Int64.Type) throws -> Int64 { try open(type) }
    func decode(_ type: UInt.Type) throws -> UInt { try open(type) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try open(type) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try open(type) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try open(type) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try open(type) }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        // A type that asks for itself would come here for ever.
        if let type = type as? any ColumnValue.Type, let value = try open(type) as? Value { return value }
        return try json(type)
    }
}
