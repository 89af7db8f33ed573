/// The names that a type reads from a form, found by having it read an empty one. Below an array they have `[]` in the
/// place of an index: `items[].name`.
final class FormShape {
    struct Name {
        var isRequired: Bool
        var isSecret: Bool
    }

    /// The names in the order in which the type asks for them.
    private(set) var order: [String] = []
    private(set) var names: [String: Name] = [:]
    private var optionalDepth = 0

    /// Whether there are more names than any page has fields: a type can contain itself twice.
    var isFull: Bool { order.count >= 1_000 }

    /// The shape of a type. A choice that is no `CaseIterable` ends it early.
    static func of<Value: Decodable>(_ type: Value.Type) -> FormShape {
        let decoding = FormDecoding(FormFields(), messages: .english)
        let shape = FormShape()
        decoding.shape = shape
        _ = try? decoding.value(type, at: FormPlace())
        return shape
    }

    func note(_ name: String, isRequired: Bool, isSecret: Bool = false) {
        // An array of texts has noted its own name.
        guard !name.hasSuffix("[]") else { return }
        let isRequired = isRequired && optionalDepth == 0
        if names[name] == nil { order.append(name) }
        names[name] = Name(isRequired: isRequired, isSecret: isSecret)
    }

    func optional(_ body: () -> Void) {
        optionalDepth += 1
        body()
        optionalDepth -= 1
    }
}
