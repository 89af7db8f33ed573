/// Collects the properties of an `Encodable` value as columns: the keys in snake case, in the order in which they are
/// encoded. `nil` properties are left out, as `Codable` does it, so that a column's default applies. A property that is
/// neither a ``ColumnValue`` nor a type that encodes as one becomes JSON.
enum RowEncoder {
    /// - Throws: `.usage` if the value is no type with properties.
    static func columns(of value: some Encodable) throws(DatabaseError) -> [(name: String, value: SQLValue)] {
        let columns = Columns()
        do {
            try value.encode(to: Row(columns: columns))
        } catch let error as DatabaseError {
            throw error
        } catch {
            throw DatabaseError(.data, "\(type(of: value)) does not encode as a row")
        }
        guard columns.isKeyed else {
            throw DatabaseError(.usage, "\(type(of: value)) has no properties that could be columns")
        }
        return columns.all
    }

    private final class Columns {
        var all: [(name: String, value: SQLValue)] = []
        var isKeyed = false

        func set(_ key: some CodingKey, _ value: SQLValue) { all.append((SnakeCase.name(of: key.stringValue), value)) }
    }

    private struct Row: Encoder {
        let columns: Columns
        var codingPath: [any CodingKey] { [] }
        var userInfo: [CodingUserInfoKey: Any] { [:] }

        func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
            columns.isKeyed = true
            return KeyedEncodingContainer(Container<Key>(columns: columns))
        }

        func unkeyedContainer() -> any UnkeyedEncodingContainer { NoContainer.misuse }
        func singleValueContainer() -> any SingleValueEncodingContainer { NoContainer.misuse }
    }

    private struct Container<Key: CodingKey>: KeyedEncodingContainerProtocol {
        let columns: Columns
        var codingPath: [any CodingKey] { [] }

        func encodeNil(forKey key: Key) { columns.set(key, .null) }

        func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
            columns.set(key, try SQLValue(encoding: value))
        }

        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type, forKey key: Key
        ) -> KeyedEncodingContainer<Nested> {
            NoContainer.misuse.container(keyedBy: type)
        }

        func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { NoContainer.misuse }
        func superEncoder() -> any Encoder { Row(columns: columns) }
        func superEncoder(forKey key: Key) -> any Encoder { NoContainer.misuse }
    }
}

extension SQLValue {
    /// The value of a property: a column value, a type that encodes as one, such as a raw-value type, or JSON.
    init(encoding value: some Encodable) throws {
        if let value = value as? any ColumnValue {
            self = value.sqlValue
            return
        }
        let holder = SingleValueEncoder()
        try value.encode(to: holder)
        if let single = holder.value {
            self = single
        } else {
            self = .json(String(decoding: try JSONDocument.encode(value), as: UTF8.self))
        }
    }
}
