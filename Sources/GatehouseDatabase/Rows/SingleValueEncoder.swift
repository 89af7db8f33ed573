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
        NoContainer.ignored.container(keyedBy: type)
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer { NoContainer.ignored }
}
