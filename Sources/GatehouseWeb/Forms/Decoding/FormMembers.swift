/// The members of a place: the fields of the form, or those below `address.`.
struct FormMembers<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoding: FormDecoding
    let place: FormPlace

    var codingPath: [any CodingKey] { place.codingPath }
    var allKeys: [Key] { decoding.index.members(place).compactMap { Key(stringValue: $0) } }

    func contains(_ key: Key) -> Bool {
        let member = place.member(key.stringValue)
        decoding.shape?.note(member.name, isRequired: false)
        return decoding.index.isPresent(member)
    }

    func decodeNil(forKey key: Key) throws -> Bool { decoding.index.isBlank(place.member(key.stringValue)) }

    private func scalar<Value: FormScalar>(_ key: Key) -> Value { decoding.scalar(place.member(key.stringValue)) }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { scalar(key) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { scalar(key) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { scalar(key) }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { scalar(key) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { scalar(key) }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { scalar(key) }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { scalar(key) }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { scalar(key) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { scalar(key) }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { scalar(key) }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { scalar(key) }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { scalar(key) }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { scalar(key) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { scalar(key) }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try decoding.value(type, at: place.member(key.stringValue))
    }

    /// A group or a value that may be missing: it is, if nothing was typed in all of it.
    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        let member = place.member(key.stringValue)
        if let shape = decoding.shape {
            // Look at the names below as well.
            shape.optional { _ = try? decoding.value(type, at: member) }
            return nil
        }
        guard decoding.index.isPresent(member), !decoding.index.isBlank(member) else { return nil }
        // A text is no file.
        if type is any FormAttachment.Type, decoding.index.attachmentPosition(member) == nil { return nil }
        return try decoding.value(type, at: member)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try superDecoder(forKey: key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try superDecoder(forKey: key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder {
        try decoding.decoder(at: place.member("super"))
    }

    func superDecoder(forKey key: Key) throws -> any Decoder {
        try decoding.decoder(at: place.member(key.stringValue))
    }
}
