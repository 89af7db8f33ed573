public import FoundationEssentials

/// A value as templates see it. Any `Encodable` becomes one, and it can be written as a literal:
///
/// ```swift
/// let page: ViewValue = ["title": "Guests", "entries": [["name": "Ada"], ["name": "Grace"]]]
/// ```
///
/// A section is left out for `null`, `false`, 0, an empty text and an empty list; every other value shows it.
public enum ViewValue: Sendable, Equatable {
    /// Nothing: written as an empty text.
    case null
    /// True or false.
    case bool(Bool)
    /// A whole number.
    case int(Int)
    /// Any other number.
    case double(Double)
    /// A text, escaped when it is written.
    case string(String)
    /// A moment: `{{date(created)}}` writes it for people, `{{created}}` as RFC 3339 does.
    case date(Date)
    /// HTML that is written as it is. Whoever makes one answers for every byte of it.
    case html(String)
    /// Several values: a section writes its content once for each.
    case list([ViewValue])
    /// Values with names.
    case object(ViewObject)
    /// Values that come while the page is written: see ``ViewRows``.
    case rows(ViewRows)

    /// Whether a section of this value is shown.
    public var isTrue: Bool {
        switch self {
        case .null: false
        case .bool(let value): value
        case .int(let value): value != 0
        case .double(let value): value != 0 && !value.isNaN
        case .string(let value), .html(let value): !value.isEmpty
        case .list(let values): !values.isEmpty
        case .date, .object, .rows: true
        }
    }

    /// The value under a name, if this is an object that has it.
    public subscript(name: String) -> ViewValue? {
        guard case .object(let object) = self else { return nil }
        return object[name]
    }

    /// The kind of value, for messages: "a list".
    package var kind: String {
        switch self {
        case .null: "nothing"
        case .bool: "true or false"
        case .int, .double: "a number"
        case .string: "a text"
        case .date: "a date"
        case .html: "HTML"
        case .list: "a list"
        case .object: "an object"
        case .rows: "rows"
        }
    }
}

extension ViewValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByStringInterpolation,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// `nil` is ``null``.
    public init(nilLiteral: ()) { self = .null }
    /// `true` and `false`.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// A whole number.
    public init(integerLiteral value: Int) { self = .int(value) }
    /// A number.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// A text.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A list.
    public init(arrayLiteral elements: ViewValue...) { self = .list(elements) }
    /// An object. If a name stands twice, the last value is taken.
    public init(dictionaryLiteral elements: (String, ViewValue)...) { self = .object(ViewObject(elements)) }
}

/// A type that says itself what it is in a template, in place of what `Encodable` would make of it.
///
/// A type whose text is safe HTML returns `.html(…)`.
public protocol ViewValueConvertible {
    /// This value as templates see it.
    var viewValue: ViewValue { get }
}
