/// Attributes of an element: `["class": "wide", "maxlength": 80, "autofocus": true, "title": title]`.
///
/// Text is escaped; `true` is an attribute without a value; `false` and `nil` are none. Addresses in `href`,
/// `xlink:href`, `src`, `action` and `formaction` are as ``HTML/safeLink(_:)`` has them. A name that could end an
/// attribute is left out.
public struct HTMLAttributes: ExpressibleByDictionaryLiteral, Sendable, Equatable {
    private var attributes: [(name: String, value: HTMLAttribute)]

    /// Makes attributes, in their order.
    public init(dictionaryLiteral elements: (String, HTMLAttribute)...) { attributes = elements }

    /// The value of a name; `nil` if there is none.
    public subscript(name: String) -> HTMLAttribute? {
        get { attributes.last { $0.name == name }?.value }
        set {
            attributes.removeAll { $0.name == name }
            if let newValue { attributes.append((name, newValue)) }
        }
    }

    /// These and others, which go before these of the same name.
    public func merging(_ others: HTMLAttributes) -> HTMLAttributes {
        others.attributes.reduce(into: self) { result, attribute in
            if let index = result.attributes.firstIndex(where: { $0.name == attribute.name }) {
                result.attributes[index] = attribute
            } else {
                result.attributes.append(attribute)
            }
        }
    }

    /// Compares the attributes in their order.
    public static func == (first: HTMLAttributes, second: HTMLAttributes) -> Bool { first.html == second.html }

    /// The attributes, with a space before each.
    public var html: HTML {
        var text = ""
        for (name, value) in attributes where Self.isName(name) {
            switch value {
            case .flag(false): break
            case .flag(true): text += " \(name)"
            case .text(let value):
                text += " \(name)=\""
                text.appendHTMLEscaped(Self.links.contains(name.lowercased()) ? HTML.safeLink(value) : value)
                text += "\""
            }
        }
        return HTML(trusted: text)
    }

    private static let links: Set<String> = ["href", "xlink:href", "src", "action", "formaction"]

    private static func isName(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy {
                FormRules.isLetterOrDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
                    || $0 == UInt8(ascii: ":")
            }
    }
}

/// The value of an attribute.
public enum HTMLAttribute: Sendable, Equatable {
    /// A text, which is escaped.
    case text(String)
    /// An attribute without a value, or none.
    case flag(Bool)

    /// A text, or no attribute.
    public static func text(_ value: String?) -> HTMLAttribute { value.map { .text($0) } ?? .flag(false) }
}

extension HTMLAttribute: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByNilLiteral
{
    /// A text.
    public init(stringLiteral value: String) { self = .text(value) }
    /// A number.
    public init(integerLiteral value: Int) { self = .text("\(value)") }
    /// An attribute without a value, or none.
    public init(booleanLiteral value: Bool) { self = .flag(value) }
    /// None.
    public init(nilLiteral: ()) { self = .flag(false) }
}
