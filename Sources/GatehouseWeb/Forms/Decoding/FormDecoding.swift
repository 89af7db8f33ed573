/// One decoding of a form: what it reads, and the faults that it finds on its way.
///
/// A fault does not end it: the value gets a placeholder at that field and nobody sees it, so that a visitor hears of
/// all faults at once.
final class FormDecoding {
    let index: FormIndex
    var errors: FormErrors
    /// Fields whose value is a placeholder.
    private(set) var undecoded: Set<String> = []
    /// Forms that were decoded, inner ones first, to be validated when the whole is there.
    private(set) var forms: [(place: FormPlace, form: any Form)] = []
    /// The names that the type asks for, if that is what is wanted.
    var shape: FormShape?

    init(_ fields: FormFields, messages: FormMessages) {
        index = FormIndex(fields)
        errors = FormErrors(messages: messages)
    }

    /// Ends a decoding that has no placeholder to go on with; its faults are noted.
    struct Stop: Error {}

    func add(_ fault: FormFault, at place: FormPlace) {
        errors.add(fault, to: place.name)
        undecoded.insert(place.name)
    }

    /// Whether a field's value is a placeholder.
    func hasPlaceholder(_ name: String) -> Bool { undecoded.contains(name) }

    /// Validates the forms that were decoded.
    func validate() {
        for (place, form) in forms {
            form.validate(FormCheck(self, prefix: place.name))
        }
    }
}

extension FormDecoding {
    /// Reads a value that one text stands for.
    func scalar<Value: FormScalar>(_ place: FormPlace) -> Value {
        shape?.note(place.name, isRequired: Value.absent == nil)
        guard let text = index.text(place), case let typed = FormText.typed(text), !typed.isEmpty else {
            if let absent = Value.absent { return absent }
            add(.required, at: place)
            return Value.placeholder
        }
        do throws(FormFault) {
            return try Value.read(typed)
        } catch {
            add(error, at: place)
            return Value.placeholder
        }
    }

    /// Reads a value of any type.
    func value<Value: Decodable>(_ type: Value.Type, at place: FormPlace) throws -> Value {
        if let type = type as? any FormScalar.Type, let value = scalar(type, place) as? Value { return value }
        if let type = type as? any FormAttachment.Type, let value = attachment(type, place) as? Value { return value }
        let before = undecoded.contains(place.name)
        let isChoice = type is any RawRepresentable.Type
        let decoder = try decoder(at: place, keepsBlank: (type as? any FormList.Type)?.keepsBlank ?? false)
        var value: Value?
        do {
            value = try Value(from: decoder)
        } catch let error as Stop {
            // An array goes without an element: while names are looked for, no other has one.
            guard shape != nil, let empty = (type as? any FormList.Type)?.empty as? Value else { throw error }
            value = empty
        } catch let error as FormError {
            throw error
        } catch {
            let fault = error as? FormFault ?? (isChoice ? .choice : .invalid)
            if before || !undecoded.contains(place.name) { add(fault, at: place) }
        }
        // A number that is no number is no choice either.
        if isChoice, !before, undecoded.contains(place.name), errors.faults(of: place.name) != [.required] {
            errors.replaceLast(of: place.name, by: .choice)
        }
        guard let value = value ?? (type as? any CaseIterable.Type).flatMap({ Self.first($0) }) else { throw Stop() }
        if let form = value as? any Form { forms.append((place, form)) }
        return value
    }

    /// The decoder of a place.
    ///
    /// - Throws: ``FormError/Kind/tooDeep(limit:)``, since a type can contain itself.
    func decoder(at place: FormPlace, keepsBlank: Bool = false) throws -> FormPlaceDecoder {
        guard place.depth <= FormFields.deepestName else {
            throw FormError(.tooDeep(limit: FormFields.deepestName))
        }
        if let shape, shape.isFull { throw Stop() }
        return FormPlaceDecoder(decoding: self, place: place, keepsBlank: keepsBlank)
    }

    private func scalar<Scalar: FormScalar>(_ type: Scalar.Type, _ place: FormPlace) -> Scalar { scalar(place) }

    private static func first<Cases: CaseIterable, Value>(_ type: Cases.Type) -> Value? {
        type.allCases.first as? Value
    }

    private func attachment<Attachment: FormAttachment>(_ type: Attachment.Type, _ place: FormPlace) -> Attachment {
        shape?.note(place.name, isRequired: true)
        let found = index.attachmentPosition(place).flatMap(index.attachment)
        if let attachment = found as? Attachment { return attachment }
        add(.required, at: place)
        return Attachment.placeholder
    }
}

/// A collection, as far as a form must know it.
protocol FormList {
    /// Whether its elements can be nothing.
    static var keepsBlank: Bool { get }
    /// The collection without elements.
    static var empty: Self { get }
}

extension Array: FormList {
    static var keepsBlank: Bool { Element.self is any ExpressibleByNilLiteral.Type }
    static var empty: [Element] { [] }
}
