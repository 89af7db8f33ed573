/// The fields of a form as a client sent them: names and texts in their order, names repeated as often as they came.
///
/// It is the same whether the fields came as `application/x-www-form-urlencoded`, as `multipart/form-data`, or in a
/// query string. Names and texts are exactly what was sent. ``decode(_:messages:)`` makes a value of them, and ``Form``
/// checks it.
public struct FormFields: Sendable {
    /// One field.
    public struct Field: Sendable, Equatable {
        /// The name.
        public var name: String
        /// The text.
        public var value: String

        /// Makes a field.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Levels of nested names that are read: `a.b[0].c` has four.
    public static let deepestName = 16

    /// The fields in their order.
    public private(set) var fields: [Field] = []

    /// Values that came beside the texts, such as files of a multipart body, in their order.
    public private(set) var attachments: [(name: String, value: any FormAttachment)] = []

    /// Makes fields without any.
    public init() {}

    /// The text of a name: the last one if there are several, `nil` if there is none. The look-up reads all names.
    public subscript(name: String) -> String? {
        fields.last { $0.name == name }?.value
    }

    /// All texts of a name, in their order.
    public func all(_ name: String) -> [String] {
        fields.compactMap { $0.name == name ? $0.value : nil }
    }

    /// Adds a field at the end. It checks nothing: see ``append(name:value:limits:)`` for what a client sent.
    public mutating func append(_ name: String, _ value: String) {
        fields.append(Field(name: name, value: value))
    }

    /// Replaces all fields of a name by one, at the place of the first.
    public mutating func set(_ name: String, _ value: String) {
        guard let first = fields.firstIndex(where: { $0.name == name }) else { return append(name, value) }
        fields[first].value = value
        var rest = fields[(first + 1)...]
        rest.removeAll { $0.name == name }
        fields.replaceSubrange((first + 1)..., with: rest)
    }

    /// Adds what came beside the texts, under a field's name.
    public mutating func attach(_ name: String, _ value: some FormAttachment) {
        attachments.append((name, value))
    }

    /// Adds a field that a client sent, as bytes of UTF-8.
    ///
    /// - Throws: ``FormError`` for a name or a value over its limit, that is no UTF-8 or has U+0000, and for a field
    ///   too many. The limit on all bytes is for whoever reads the body.
    public mutating func append(
        name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>, limits: FormLimits
    ) throws(FormError) {
        guard fields.count < limits.fields else { throw FormError(.tooManyFields(limit: limits.fields)) }
        guard name.count <= limits.nameBytes else { throw FormError(.nameTooLong(limit: limits.nameBytes)) }
        guard value.count <= limits.valueBytes else { throw FormError(.valueTooLong(limit: limits.valueBytes)) }
        append(try Self.text(name), try Self.text(value))
    }

    /// Text of bytes that a client sent.
    ///
    /// - Throws: ``FormError`` for bytes that are no UTF-8, or have U+0000.
    static func text(_ bytes: UnsafeBufferPointer<UInt8>) throws(FormError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw FormError(.invalidText) }
        guard !bytes.contains(0) else { throw FormError(.nulCharacter) }
        return text
    }
}

/// A value that can come beside a form's texts, such as a file: a property of such a type is filled with what came
/// under its name, never from a text.
public protocol FormAttachment: Decodable, Sendable {
    /// Whether it stands for nothing, as what a browser sends for a file that was not chosen. It counts as absent.
    var isEmpty: Bool { get }

    /// A value that stands for nothing, with which a decoding goes on if a required one is missing, so that the faults
    /// of all fields are found. No handler sees it.
    static var placeholder: Self { get }
}

extension FormAttachment {
    /// Fails: an attachment comes with a form, and has no other form.
    public init(from decoder: any Decoder) throws {
        throw DecodingError.dataCorrupted(
            .init(codingPath: decoder.codingPath, debugDescription: "\(Self.self) comes only with a form"))
    }
}
