/// A container that keeps nothing of what is encoded into it.
struct NoContainer: UnkeyedEncodingContainer, SingleValueEncodingContainer, Encoder {
    /// Whether every value is an error.
    fileprivate let isMisuse: Bool

    /// A container for the keys and elements of a type that will be encoded as JSON.
    static var ignored: NoContainer { NoContainer(isMisuse: false) }
    /// A container for every step into something that a row has not.
    static var misuse: NoContainer { NoContainer(isMisuse: true) }

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }
    var count: Int { 0 }

    func encodeNil() throws { try refuse() }
    func encode<Value: Encodable>(_ value: Value) throws { try refuse() }
    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(NoKeyedContainer<Key>(whole: self))
    }
    func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        container(keyedBy: type)
    }
    func unkeyedContainer() -> any UnkeyedEncodingContainer { self }
    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { self }
    func singleValueContainer() -> any SingleValueEncodingContainer { self }
    func superEncoder() -> any Encoder { self }

    fileprivate func refuse() throws(DatabaseError) {
        guard isMisuse else { return }
        throw .usage("a row is encoded by properties: as a value of one level, not as an array or in parts")
    }
}

/// A container that keeps nothing, with keys.
private struct NoKeyedContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let whole: NoContainer

    var codingPath: [any CodingKey] { [] }

    func encodeNil(forKey key: Key) throws { try whole.refuse() }
    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws { try whole.refuse() }
    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        whole.container(keyedBy: type)
    }
    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { whole }
    func superEncoder() -> any Encoder { whole }
    func superEncoder(forKey key: Key) -> any Encoder { whole }
}
