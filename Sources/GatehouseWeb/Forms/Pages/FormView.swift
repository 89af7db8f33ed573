/// A form as a page shows it: for each field what was typed and what is wrong with it.
///
/// A page in Swift uses its helpers (``input(_:_:type:_:)`` and others). A template gets it as a value: `fields.email`
/// has `name`, `id`, `value`, `values`, `isTicked`, `isRequired`, `isInvalid`, `error` and `errors`; `errors` beside
/// `fields` are those of the form as a whole, and `isInvalid` says whether there is any.
public struct FormView: Sendable {
    /// The faults, by field.
    public let errors: FormErrors
    let values: [String: [String]]
    /// The names that the form reads, with `[]` for any index, in its order.
    let patterns: [String]
    let names: [String: FormShape.Name]

    init(fields: FormFields, errors: FormErrors, shape: FormShape) {
        self.errors = errors
        patterns = shape.order
        names = shape.names
        values = Dictionary(grouping: fields.fields, by: \.name).mapValues { $0.map(\.value) }
    }

    /// One field, whether it was sent or not.
    public func field(_ name: String) -> FormField {
        let known = names[FormPath(name).pattern]
        let isSecret = known?.isSecret ?? false
        return FormField(
            name: name, values: isSecret ? [] : (values[name] ?? []) + (values[name + "[]"] ?? []),
            errors: errors[name], isRequired: known?.isRequired ?? false)
    }

    /// The messages that belong to no field of the form: show them at its top.
    public var generalErrors: [String] {
        errors.fields.filter { names[FormPath($0).pattern] == nil }.flatMap { errors[$0] }
    }

    /// The names of an array's elements as they were sent, `items[0]` and `items[3]`, in the order of their indices.
    /// The field of one is `field(row + ".name")`; an empty row for a further one has an index of your own.
    public func rows(_ name: String) -> [String] {
        let prefix = name + "["
        let names = values.keys.filter { $0.hasPrefix(prefix) } + errors.fields.filter { $0.hasPrefix(prefix) }
        let depth = FormPath(name).steps.count
        let indices = names.compactMap { other -> Int? in
            let steps = FormPath(other).steps
            guard steps.count > depth, case .index(let index) = steps[depth] else { return nil }
            return index
        }
        return Set(indices).sorted().map { "\(name)[\($0)]" }
    }

    /// Choices of a field, each with whether it is the one that was made.
    public func options(_ name: String, _ choices: [(value: String, label: String)]) -> [FormOption] {
        let chosen = Set(field(name).values)
        return choices.map { FormOption(value: $0.value, label: $0.label, isSelected: chosen.contains($0.value)) }
    }

    /// The choices of an enum, with their raw values as labels unless `title` gives others.
    public func options<Choice: CaseIterable & RawRepresentable>(
        _ name: String, _ type: Choice.Type, title: (Choice) -> String = { "\($0.rawValue)" }
    ) -> [FormOption] {
        options(name, Self.choices(of: type, title))
    }

    /// The values and labels of an enum's cases.
    static func choices<Choice: CaseIterable & RawRepresentable>(
        of type: Choice.Type, _ title: (Choice) -> String
    ) -> [(value: String, label: String)] {
        type.allCases.map { (value: "\($0.rawValue)", label: title($0)) }
    }
}

/// One field as a page shows it.
public struct FormField: Sendable, Equatable {
    /// The name: `address.street`.
    public let name: String
    /// The texts that were typed or chosen. A secret has none.
    public let values: [String]
    /// The messages.
    public let errors: [String]
    /// Whether it must be filled in.
    public let isRequired: Bool

    /// The last text; empty if there is none.
    public var value: String { values.last ?? "" }
    /// The first message.
    public var error: String? { errors.first }
    /// Whether something is wrong.
    public var isInvalid: Bool { !errors.isEmpty }
    /// Whether a box is ticked.
    public var isTicked: Bool { values.last.flatMap { try? Bool.read(FormText.typed($0)) } ?? false }
    /// A name for the element's `id`, without characters that a selector would take for others.
    public var id: String {
        let bytes = name.utf8.map { byte in
            FormRules.isLetterOrDigit(byte) || byte == UInt8(ascii: "_") ? byte : UInt8(ascii: "-")
        }
        return "field-" + String(decoding: bytes, as: UTF8.self)
    }
}

/// One choice of a select, or of a group of boxes.
public struct FormOption: Sendable, Equatable, Encodable {
    /// The value that is sent.
    public let value: String
    /// The text that is read.
    public let label: String
    /// Whether it is chosen.
    public let isSelected: Bool

    /// Makes a choice.
    public init(value: String, label: String, isSelected: Bool) {
        self.value = value
        self.label = label
        self.isSelected = isSelected
    }
}
