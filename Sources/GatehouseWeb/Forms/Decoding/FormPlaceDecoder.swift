/// The `Decoder` of one place in a form.
struct FormPlaceDecoder: Decoder {
    let decoding: FormDecoding
    let place: FormPlace
    /// Whether an array keeps the elements that are blank.
    var keepsBlank = false

    var codingPath: [any CodingKey] { place.codingPath }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        // One of the texts that share a name has nothing below it. What is below the name would be read again for each
        // of them, and below that again: a thousand short fields would be many million.
        guard place.position == nil else { throw FormFault.invalid }
        return KeyedDecodingContainer(FormMembers<Key>(decoding: decoding, place: place))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        var elements = decoding.index.elements(place, keepsBlank: keepsBlank)
        if let shape = decoding.shape {
            shape.note(place.name, isRequired: false)
            elements = [FormPlace(name: place.name + "[]", depth: place.depth + 1)]
        }
        return FormElements(decoding: decoding, place: place, elements: elements)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        FormValue(decoding: decoding, place: place)
    }
}

extension FormPlace {
    var codingPath: [any CodingKey] {
        name.utf8.split { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "]") }
            .map { FormKey(stringValue: String(Substring($0))) }
    }
}

/// A place with one text.
struct FormValue: SingleValueDecodingContainer {
    let decoding: FormDecoding
    let place: FormPlace

    var codingPath: [any CodingKey] { place.codingPath }

    func decodeNil() -> Bool { decoding.index.isBlank(place) }

    func decode(_ type: Bool.Type) throws -> Bool { decoding.scalar(place) }
    func decode(_ type: String.Type) throws -> String { decoding.scalar(place) }
    func decode(_ type: Double.Type) throws -> Double { decoding.scalar(place) }
    func decode(_ type: Float.Type) throws -> Float { decoding.scalar(place) }
    func decode(_ type: Int.Type) throws -> Int { decoding.scalar(place) }
    func decode(_ type: Int8.Type) throws -> Int8 { decoding.scalar(place) }
    func decode(_ type: Int16.Type) throws -> Int16 { decoding.scalar(place) }
    func decode(_ type: Int32.Type) throws -> Int32 { decoding.scalar(place) }
    func decode(_ type: Int64.Type) throws -> Int64 { decoding.scalar(place) }
    func decode(_ type: UInt.Type) throws -> UInt { decoding.scalar(place) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { decoding.scalar(place) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { decoding.scalar(place) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { decoding.scalar(place) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { decoding.scalar(place) }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        // One level more, so that a type which wraps itself comes to an end.
        try decoding.value(
            type, at: FormPlace(name: place.name, depth: place.depth + 1, position: place.position))
    }
}
