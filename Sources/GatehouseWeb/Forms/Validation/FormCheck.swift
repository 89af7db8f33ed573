/// Rules of a form's fields, and what breaks them.
///
/// `check("name", name)` begins the rules of one field. An optional that is `nil` fulfils all of them. Each rule takes
/// a ``FormFault`` of your own as its last argument, in its place: `.length(1...80, "Shorter, please.")`.
public struct FormCheck {
    private let decoding: FormDecoding
    private let prefix: String

    init(_ decoding: FormDecoding, prefix: String) {
        self.decoding = decoding
        self.prefix = prefix
    }

    private func path(_ field: String) -> String {
        prefix.isEmpty ? field : field.isEmpty ? prefix : "\(prefix).\(field)"
    }

    /// Begins the rules of a field, by the field's name.
    public func callAsFunction<Value>(_ field: String, _ value: Value?) -> FieldCheck<Value> {
        FieldCheck(value: value, check: self, field: field)
    }

    /// Whether these fields could be read, for a rule over several: `if check.isRead("from", "to"), to < from { … }`.
    public func isRead(_ fields: String...) -> Bool { fields.allSatisfy { !decoding.hasPlaceholder(path($0)) } }

    /// Adds a fault to a field, or to the form as a whole, unless the field could not be read.
    public func fail(_ field: String = "", _ fault: FormFault) {
        if isRead(field) { decoding.errors.add(fault, to: path(field)) }
    }
}

/// The rules of one field. Each adds its fault if it is broken, and gives the rules back for the next.
public struct FieldCheck<Value> {
    let value: Value?
    let check: FormCheck
    let field: String

    /// A rule of your own, which gives `true` if it is fulfilled.
    @discardableResult
    public func satisfies(_ fault: FormFault, _ isFulfilled: (Value) -> Bool) -> Self {
        if let value, !isFulfilled(value) { check.fail(field, fault) }
        return self
    }

    /// Requires a value of an optional, if it depends on others whether there must be one.
    @discardableResult
    public func required(_ fault: FormFault = .required) -> Self {
        if value == nil { check.fail(field, fault) }
        return self
    }
}

extension FieldCheck where Value: Equatable {
    /// The same as another, such as a password that is typed twice.
    @discardableResult
    public func matches(_ other: Value?, _ fault: FormFault = .different) -> Self { satisfies(fault) { $0 == other } }

    /// One of some values.
    @discardableResult
    public func oneOf(_ choices: some Sequence<Value>, _ fault: FormFault = .choice) -> Self {
        satisfies(fault) { choices.contains($0) }
    }
}

extension FieldCheck where Value: Comparable {
    /// A value from one bound to the other.
    @discardableResult
    public func range(_ range: ClosedRange<Value>, _ fault: FormFault? = nil) -> Self {
        self.range(range.lowerBound..., fault).range(...range.upperBound, fault)
    }

    /// A value of at least the bound.
    @discardableResult
    public func range(_ range: PartialRangeFrom<Value>, _ fault: FormFault? = nil) -> Self {
        satisfies(fault ?? .tooSmall(minimum: FormRules.text(range.lowerBound))) { $0 >= range.lowerBound }
    }

    /// A value of at most the bound.
    @discardableResult
    public func range(_ range: PartialRangeThrough<Value>, _ fault: FormFault? = nil) -> Self {
        satisfies(fault ?? .tooLarge(maximum: FormRules.text(range.upperBound))) { $0 <= range.upperBound }
    }
}

extension FieldCheck<Bool> {
    /// A box that must be ticked.
    @discardableResult
    public func accepted(_ fault: FormFault = .accepted) -> Self { satisfies(fault) { $0 } }
}
