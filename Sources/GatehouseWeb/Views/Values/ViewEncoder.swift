import FoundationEssentials

extension ViewValue {
    /// A value as templates see it.
    ///
    /// A property that is `nil` is there and empty (`null`), so that a template may name it. Dates stay dates. A
    /// ``ViewValueConvertible`` says itself what it is, a `URL` is its text, `Data` is Base64.
    /// - Throws: ``ViewProblem`` if values are nested deeper than ``ViewLimits/depth``, and what the value's own
    ///   `encode(to:)` throws.
    public init(encoding value: some Encodable) throws {
        self = try ViewEncoder.value(of: value, depth: 0)
    }
}

/// Makes a ``ViewValue`` of any `Encodable`. There is one for each level of the value, and it is its own container.
final class ViewEncoder: Encoder {
    enum Kind { case empty, single, list, object }

    let depth: Int
    private var kind = Kind.empty
    private var names: [String] = []
    private var values: [ViewValue] = []
    /// The shape that ``names`` have. They stay from one row of a list to the next, which mostly has the same.
    private var shape: ViewShape?
    /// The encoder of a list's rows, which serves one after the other, and the type of the last one.
    private var rows: ViewEncoder?
    private var rowType: (any Any.Type)?
    /// Containers inside this one that may not be complete yet, and the place that each has in `values`.
    private var open: [(place: Int, encoder: ViewEncoder)] = []

    init(depth: Int) { self.depth = depth }

    var userInfo: [CodingUserInfoKey: Any] { [:] }

    /// Always empty: no message of ours needs it, and it would cost each level an array.
    var codingPath: [any CodingKey] { [] }

    static func value<Value: Encodable>(of value: Value, depth: Int) throws -> ViewValue {
        if let special = special(value) { return special }
        return try ViewEncoder(depth: depth).take(value)
    }

    private func take<Value: Encodable>(_ value: Value) throws -> ViewValue {
        guard depth < ViewLimits.depth else {
            throw ViewProblem("a value has more than \(ViewLimits.depth) levels")
        }
        try value.encode(to: self)
        return result
    }

    /// The value of a list's element. Rows are mostly of one type, and that they are nothing special is asked once.
    private func row<Value: Encodable>(_ value: Value) throws -> ViewValue {
        if rowType != Value.self {
            if let special = Self.special(value) { return special }
            rowType = Value.self
        }
        var encoder = rows ?? ViewEncoder(depth: depth + 1)
        rows = nil
        let value = try encoder.take(value)
        // A container that somebody keeps must not write into the next row.
        if isKnownUniquelyReferenced(&encoder) {
            encoder.reset()
            rows = encoder
        }
        return value
    }

    private func reset() {
        kind = .empty
        values = []
        open = []
    }

    /// The types that are something else to a template than their `encode(to:)` says.
    private static func special<Value: Encodable>(_ value: Value) -> ViewValue? {
        if Value.self == String.self { return (value as? String).map { .string($0) } }
        if Value.self == Date.self { return (value as? Date).map { .date($0) } }
        if Value.self == ViewValue.self { return value as? ViewValue }
        if Value.self == URL.self { return (value as? URL).map { .string($0.absoluteString) } }
        if Value.self == Data.self { return (value as? Data).map { .string($0.base64EncodedString()) } }
        if Value.self == Decimal.self { return (value as? Decimal).map { .string($0.description) } }
        if Value.self is any ViewValueConvertible.Type { return (value as? any ViewValueConvertible)?.viewValue }
        return nil
    }

    var result: ViewValue {
        for (place, encoder) in open { values[place] = encoder.result }
        open = []
        return switch kind {
        case .empty: .object(ViewObject(shape: .empty, values: []))
        case .single: values.last ?? .null
        case .list: .list(values)
        case .object: .object(object)
        }
    }

    private var object: ViewObject {
        if values.count < names.count { forgetNames() }
        if let shape { return ViewObject(shape: shape, values: values) }
        let made = ViewShape(names)
        let values = made.values(values)
        // One in which a name stands twice has fewer names than values were given.
        if values.count == names.count { shape = made }
        return ViewObject(shape: made, values: values)
    }

    /// Forgets the names of the row before that this one does not have.
    private func forgetNames() {
        names.removeSubrange(values.count...)
        shape = nil
    }

    func append(_ value: ViewValue) {
        if kind == .single { values.removeAll(keepingCapacity: true) }
        values.append(value)
    }

    func append(_ name: String, _ value: ViewValue) {
        note(name)
        values.append(value)
    }

    private func note(_ name: String) {
        if values.isEmpty { values.reserveCapacity(names.count) }
        if values.count < names.count {
            if names[values.count] == name { return }
            forgetNames()
        }
        names.append(name)
        shape = nil
    }

    /// Makes a container inside this one, whose content is looked at when this one is complete.
    func appendOpen(_ name: String?) -> ViewEncoder {
        let encoder = ViewEncoder(depth: depth + 1)
        if let name { note(name) }
        open.append((values.count, encoder))
        values.append(.null)
        return encoder
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        kind = .object
        return KeyedEncodingContainer(ViewKeyedContainer<Key>(encoder: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        kind = .list
        return self
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        kind = .single
        return self
    }
}

extension ViewEncoder: UnkeyedEncodingContainer, SingleValueEncodingContainer {
    var count: Int { values.count }

    func encodeNil() throws { append(.null) }
    func encode(_ value: Bool) throws { append(.bool(value)) }
    func encode(_ value: String) throws { append(.string(value)) }
    func encode(_ value: Double) throws { append(.double(value)) }
    func encode(_ value: Float) throws { append(.number(value)) }
    func encode(_ value: Int) throws { append(.int(value)) }
    func encode(_ value: Int8) throws { append(.int(Int(value))) }
    func encode(_ value: Int16) throws { append(.int(Int(value))) }
    func encode(_ value: Int32) throws { append(.int(Int(value))) }
    func encode(_ value: Int64) throws { append(.int(Int(value))) }
    func encode(_ value: UInt) throws { append(.number(value)) }
    func encode(_ value: UInt8) throws { append(.int(Int(value))) }
    func encode(_ value: UInt16) throws { append(.int(Int(value))) }
    func encode(_ value: UInt32) throws { append(.int(Int(value))) }
    func encode(_ value: UInt64) throws { append(.number(value)) }
    func encode<Value: Encodable>(_ value: Value) throws {
        append(kind == .list ? try row(value) : try ViewEncoder.value(of: value, depth: depth + 1))
    }

    func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        appendOpen(nil).container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { appendOpen(nil).unkeyedContainer() }
    func superEncoder() -> any Encoder { appendOpen(nil) }
}

extension ViewValue {
    /// A number that may be too large for `Int`: its digits as a text then, so that none is lost.
    static func number(_ value: some UnsignedInteger & FixedWidthInteger) -> ViewValue {
        Int(exactly: value).map { .int($0) } ?? .string(String(value))
    }

    /// The decimal number that a `Float` was written as: 0.1 and not 0.10000000149011612.
    static func number(_ value: Float) -> ViewValue {
        .double(Double(value.description) ?? Double(value))
    }
}
