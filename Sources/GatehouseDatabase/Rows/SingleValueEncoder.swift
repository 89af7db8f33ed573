/// Takes the value of a type that encodes as a single column value; of any other it takes nothing.
final class SingleValueEncoder: Encoder, SingleValueEncodingContainer {
    /// `nil` if the type has keys or elements.
    private(set) var value: SQLValue?

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }

    func encodeNil() { value = .null }

    func encode<Value: Encodable>(_ value: Value) throws {
        if let value = value as? any ColumnValue {
            self.value = value.sqlValue
        } else {
            try value.encode(to: self)
        }
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(Ignored<Key>())
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer { IgnoredElements() }

    /// The keys of a type that will be encoded as JSON.
    private struct Ignored<Key: CodingKey>: KeyedEncodingContainerProtocol {
        var codingPath: [any CodingKey] { [] }

        func encodeNil(forKey key: Key) {}
        func encode<Value: Encodable>(_ value: Value, forKey key: Key) {}
        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type, forKey key: Key
        ) -> KeyedEncodingContainer<Nested> {
            KeyedEncodingContainer(Ignored<Nested>())
        }
        func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { IgnoredElements() }
        func superEncoder() -> any Encoder { SingleValueEncoder() }
        func superEncoder(forKey key: Key) -> any Encoder { SingleValueEncoder() }
    }

    private struct IgnoredElements: UnkeyedEncodingContainer {
        var codingPath: [any CodingKey] { [] }
        var count: Int { 0 }

        func encodeNil() {}
        func encode<Value: Encodable>(_ value: Value) {}
        func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
            KeyedEncodingContainer(Ignored<Key>())
        }
        func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { self }
        func superEncoder() -> any Encoder { SingleValueEncoder() }
    }
}
