extension FieldCheck<String> {
    /// A text of some length, in Unicode scalars, as databases count. `maxlength` of HTML counts UTF-16, which is more
    /// for emoji only.
    @discardableResult
    public func length(_ range: ClosedRange<Int>, _ fault: FormFault? = nil) -> Self {
        length(range.lowerBound..., fault).length(...range.upperBound, fault)
    }

    /// A text of at least some length.
    @discardableResult
    public func length(_ range: PartialRangeFrom<Int>, _ fault: FormFault? = nil) -> Self {
        satisfies(fault ?? .tooShort(minimum: range.lowerBound)) { $0.unicodeScalars.count >= range.lowerBound }
    }

    /// A text of at most some length.
    @discardableResult
    public func length(_ range: PartialRangeThrough<Int>, _ fault: FormFault? = nil) -> Self {
        let count = value?.unicodeScalars.count ?? 0
        return satisfies(fault ?? .tooLong(maximum: range.upperBound, count: count)) { _ in count <= range.upperBound }
    }

    /// A text without line ends and other control characters, for a header, a name, a subject.
    @discardableResult
    public func singleLine(_ fault: FormFault = .singleLine) -> Self { satisfies(fault, FormRules.isSingleLine) }

    /// An email address as browsers check it (HTML Standard, 4.10.5.1.5), with a point in its domain. Whether mail
    /// arrives there, only mail can tell.
    @discardableResult
    public func email(_ fault: FormFault = .email) -> Self { satisfies(fault, FormRules.isEmail) }

    /// An address of the web: `http://` or `https://`, a host, and nothing that breaks out of an attribute.
    @discardableResult
    public func url(_ fault: FormFault = .url) -> Self { satisfies(fault, FormRules.isWebAddress) }
}

extension FieldCheck where Value: Collection {
    /// Some number of values.
    @discardableResult
    public func count(_ range: ClosedRange<Int>, _ fault: FormFault? = nil) -> Self {
        satisfies(fault ?? .tooFew(minimum: range.lowerBound)) { $0.count >= range.lowerBound }
            .satisfies(fault ?? .tooMany(maximum: range.upperBound)) { $0.count <= range.upperBound }
    }

    /// Some number of values at least.
    @discardableResult
    public func count(_ range: PartialRangeFrom<Int>, _ fault: FormFault? = nil) -> Self {
        satisfies(fault ?? .tooFew(minimum: range.lowerBound)) { $0.count >= range.lowerBound }
    }

    /// Some number of values at most.
    @discardableResult
    public func count(_ range: PartialRangeThrough<Int>, _ fault: FormFault? = nil) -> Self {
        satisfies(fault ?? .tooMany(maximum: range.upperBound)) { $0.count <= range.upperBound }
    }
}
