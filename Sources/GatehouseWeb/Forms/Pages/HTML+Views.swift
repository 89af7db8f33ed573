extension HTML: ViewValueConvertible, Encodable {
    /// HTML, which a template writes as it is.
    public var viewValue: ViewValue { .html(text) }

    /// Encodes the text of the piece. A template has it as ``viewValue``.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
