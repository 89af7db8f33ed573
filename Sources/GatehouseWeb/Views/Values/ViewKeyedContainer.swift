/// The values of one object on its way to a template.
///
/// Swift's own `encodeIfPresent` leaves out what is `nil`, and a template that names it would find nothing under the
/// name. Here it is kept as `null`.
struct ViewKeyedContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: ViewEncoder

    var codingPath: [any CodingKey] { [] }

    private func add(_ value: ViewValue, _ key: Key) { encoder.append(key.stringValue, value) }

    private func add<Value>(_ value: Value?, _ key: Key, _ convert: (Value) -> ViewValue) {
        add(value.map(convert) ?? .null, key)
    }

    func encodeNil(forKey key: Key) throws { add(.null, key) }
    func encode(_ value: Bool, forKey key: Key) throws { add(.bool(value), key) }
    func encode(_ value: String, forKey key: Key) throws { add(.string(value), key) }
    func encode(_ value: Double, forKey key: Key) throws { add(.double(value), key) }
    func encode(_ value: Float, forKey key: Key) throws { add(.number(value), key) }
    func encode(_ value: Int, forKey key: Key) throws { add(.int(value), key) }
    func encode(_ value: Int8, forKey key: Key) throws { add(.int(Int(value)), key) }
    func encode(_ value: Int16, forKey key: Key) throws { add(.int(Int(value)), key) }
    func encode(_ value: Int32, forKey key: Key) throws { add(.int(Int(value)), key) }
    func encode(_ value: Int64, forKey key: Key) throws { add(.int(Int(value)), key) }
    func encode(_ value: UInt, forKey key: Key) throws { add(.number(value), key) }
    func encode(_ value: UInt8, forKey key: Key) throws { add(.int(Int(value)), key) }
    func encode(_ value: UInt16, forKey key: Key) throws { add(.int(Int(value)), key) }
    func encode(_ value: UInt32, forKey key: Key) throws { add(.int(Int(value)), key) }
    func encode(_ value: UInt64, forKey key: Key) throws { add(.number(value), key) }
    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        add(try ViewEncoder.value(of: value, depth: encoder.depth + 1), key)
    }

    func encodeIfPresent(_ value: Bool?, forKey key: Key) throws { add(value, key) { .bool($0) } }
    func encodeIfPresent(_ value: String?, forKey key: Key) throws { add(value, key) { .string($0) } }
    func encodeIfPresent(_ value: Double?, forKey key: Key) throws { add(value, key) { .double($0) } }
    func encodeIfPresent(_ value: Float?, forKey key: Key) throws { add(value, key) { .number($0) } }
    func encodeIfPresent(_ value: Int?, forKey key: Key) throws { add(value, key) { .int($0) } }
    func encodeIfPresent(_ value: Int8?, forKey key: Key) throws { add(value, key) { .int(Int($0)) } }
    func encodeIfPresent(_ value: Int16?, forKey key: Key) throws { add(value, key) { .int(Int($0)) } }
    func encodeIfPresent(_ value: Int32?, forKey key: Key) throws { add(value, key) { .int(Int($0)) } }
    func encodeIfPresent(_ value: Int64?, forKey key: Key) throws { add(value, key) { .int(Int($0)) } }
    func encodeIfPresent(_ value: UInt?, forKey key: Key) throws { add(value, key) { .number($0) } }
    func encodeIfPresent(_ value: UInt8?, forKey key: Key) throws { add(value, key) { .int(Int($0)) } }
    func encodeIfPresent(_ value: UInt16?, forKey key: Key) throws { add(value, key) { .int(Int($0)) } }
    func encodeIfPresent(_ value: UInt32?, forKey key: Key) throws { add(value, key) { .int(Int($0)) } }
    func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws { add(value, key) { .number($0) } }
    func encodeIfPresent<Value: Encodable>(_ value: Value?, forKey key: Key) throws {
        guard let value else { return add(.null, key) }
        try encode(value, forKey: key)
    }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key)
        -> KeyedEncodingContainer<Nested>
    {
        encoder.appendOpen(key.stringValue).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        encoder.appendOpen(key.stringValue).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { encoder.appendOpen("super") }
    func superEncoder(forKey key: Key) -> any Encoder { encoder.appendOpen(key.stringValue) }
}
