/// A mapping of settings by the keys of the type that is decoded.
struct SettingsMapping<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: SettingsDecoder
    let members: [String: SettingsValue]

    var codingPath: [any CodingKey] { decoder.codingPath }

    /// All of them; then all are known.
    var allKeys: [Key] {
        decoder.record.askAll(at: decoder.path)
        return members.keys.sorted().compactMap { Key(stringValue: $0) }
    }

    func contains(_ key: Key) -> Bool { member(key) != nil }

    private func member(_ key: Key) -> SettingsValue? {
        decoder.record.ask(key.stringValue, at: decoder.path)
        return members[key.stringValue]
    }

    private func below(_ key: Key) throws -> SettingsDecoder {
        guard let value = member(key) else {
            throw DecodingError.keyNotFound(key, .init(codingPath: codingPath, debugDescription: ""))
        }
        return decoder.below(key, value)
    }

    func decodeNil(forKey key: Key) throws -> Bool {
        if case .null = try below(key).value { true } else { false }
    }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try below(key).bool() }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try below(key).text() }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try below(key).number() }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { Float(try below(key).number()) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try below(key).whole(type) }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try below(key).whole(type) }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try below(key).whole(type) }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try below(key).whole(type) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try below(key).whole(type) }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try below(key).whole(type) }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try below(key).whole(type) }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try below(key).whole(type) }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try below(key).whole(type) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try below(key).whole(type) }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try below(key).decode(type)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try below(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try below(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder {
        decoder.below(SettingsKey(stringValue: "super"), members["super"] ?? .null)
    }

    func superDecoder(forKey key: Key) throws -> any Decoder { decoder.below(key, member(key) ?? .null) }
}
