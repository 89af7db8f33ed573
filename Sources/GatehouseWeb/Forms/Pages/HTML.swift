/// A piece of a page. A literal is taken as it stands; what is interpolated is escaped, unless it is a piece itself.
///
/// ```swift
/// let greeting: HTML = "<p>Hello, \(name)!</p>"
/// let list: HTML = "<ul>\(names.map { "<li>\($0)</li>" as HTML })</ul>"
/// ```
///
/// Escaped text is harmless between tags and between quotes, and nowhere else: write `value="\(text)"` with its quotes,
/// `href="\(link: address)"` for addresses, and no text of a client into a script, a style or an attribute that begins
/// with `on`.
public struct HTML: ExpressibleByStringInterpolation, Sendable, Equatable {
    /// The text of the piece.
    public private(set) var text: String

    /// Makes a piece of a literal.
    public init(stringLiteral value: String) { text = value }

    /// Makes a piece of a literal with values in it.
    public init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

    /// Makes a piece of text that is HTML already. Whoever can write this text can write the page: it must never come
    /// from a client.
    public init(trusted text: String) { self.text = text }

    /// Joins pieces, one after the other.
    public init(_ pieces: [HTML]) { text = pieces.map(\.text).joined() }

    /// An empty piece.
    public init() { text = "" }

    /// Joins two pieces.
    public static func + (first: HTML, second: HTML) -> HTML { HTML(trusted: first.text + second.text) }

    /// Appends a piece.
    public static func += (first: inout HTML, second: HTML) { first.text += second.text }
}

extension HTML: CustomStringConvertible {
    /// The text of the piece.
    public var description: String { text }
}

extension HTML {
    /// The values in a literal.
    public struct Interpolation: StringInterpolationProtocol {
        var text = ""

        /// Makes room.
        public init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + interpolationCount * 24)
        }

        /// Appends HTML of the program's own.
        public mutating func appendLiteral(_ literal: String) { text += literal }

        /// Appends a piece.
        public mutating func appendInterpolation(_ piece: HTML) { text += piece.text }

        /// Appends a piece, or nothing.
        public mutating func appendInterpolation(_ piece: HTML?) { text += piece?.text ?? "" }

        /// Appends pieces.
        public mutating func appendInterpolation(_ pieces: [HTML]) {
            for piece in pieces { text += piece.text }
        }

        /// Appends text, escaped.
        public mutating func appendInterpolation(_ value: String) { text.appendHTMLEscaped(value) }

        /// Appends text, escaped, or nothing.
        public mutating func appendInterpolation(_ value: String?) {
            if let value { text.appendHTMLEscaped(value) }
        }

        /// Appends a number.
        public mutating func appendInterpolation(_ value: some BinaryInteger) { text += "\(value)" }

        /// Appends a value's description, escaped.
        public mutating func appendInterpolation(_ value: some CustomStringConvertible) {
            text.appendHTMLEscaped(value.description)
        }

        /// Appends an address for `href` or `src`, escaped; `#` for one that would run a script: see
        /// ``HTML/safeLink(_:)``.
        public mutating func appendInterpolation(link address: String) {
            text.appendHTMLEscaped(HTML.safeLink(address))
        }

        /// Appends attributes, with a space before each.
        public mutating func appendInterpolation(_ attributes: HTMLAttributes) { text += attributes.html.text }
    }
}

extension HTML {
    /// An address that a link may have: `http`, `https`, `mailto`, `tel`, or without a scheme. Any other, `javascript:`
    /// and `data:` among them, becomes `#`.
    ///
    /// It looks at an address as browsers do (URL Standard, 4.4): they ignore control characters and spaces before it,
    /// and line ends and tabs in it.
    public static func safeLink(_ address: String) -> String {
        var scheme: [UInt8] = []
        for byte in address.utf8 {
            switch byte {
            case 0...0x20 where scheme.isEmpty, 9, 10, 13: continue
            case UInt8(ascii: ":"):
                let allowed = ["http", "https", "mailto", "tel"]
                return allowed.contains(String(decoding: scheme, as: UTF8.self)) ? address : "#"
            case UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"): return address
            default:
                scheme.append(UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | 0x20 : byte)
            }
        }
        return address
    }
}
