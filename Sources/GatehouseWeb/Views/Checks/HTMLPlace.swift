/// A place in HTML, as a browser reads it up to there (HTML Standard, 13.2.5, "Tokenization"), as far as it matters for
/// a value that is put there.
struct HTMLPlace: Hashable {
    enum Kind {
        case text
        /// After `<`.
        case tagOpen
        case tagName
        /// In a tag, between attributes.
        case tag
        case attributeName
        case afterAttributeName
        case beforeValue
        /// In an attribute's value between `"`, between `'`, or without quotes.
        case doubleQuoted, singleQuoted, unquoted
        case comment
        /// `<!doctype …>` and the like.
        case declaration
        /// In an element whose content is no HTML.
        case raw
    }

    /// The meaning that an attribute's value has.
    enum Attribute { case plain, address, code, style, document }

    var kind = Kind.text
    /// The name that is being read, or the part of an end that has been seen. Bounded by ``longestName``.
    var word: [UInt8] = []
    /// The element of the tag, or the one whose content is ``Kind/raw``.
    var element: [UInt8] = []
    var isEndTag = false
    var attribute = Attribute.plain
    /// Whether nothing of the attribute's value is written by the template yet.
    var isValueStart = false
    /// The place in a script.
    var script = ScriptPlace()

    private static let longestName = 24
    private static let rawElements: Set<String> = [
        "script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "plaintext",
    ]
    private static let addresses: Set<String> = [
        "href", "src", "action", "formaction", "poster", "data", "cite", "background", "ping", "manifest", "xlink:href",
    ]

    var elementName: String { String(decoding: element, as: UTF8.self) }

    private static func isSpace(_ byte: UInt8) -> Bool { TemplateScanner.isSpace(byte) }

    private static func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte + 0x20 : byte }

    private mutating func add(_ byte: UInt8) {
        if word.count < Self.longestName { word.append(Self.lower(byte)) }
    }

    /// Goes on by one byte of the template's text.
    mutating func read(_ byte: UInt8) {
        switch kind {
        case .text: if byte == UInt8(ascii: "<") { self = HTMLPlace(kind: .tagOpen) }
        case .tagOpen: readTagOpen(byte)
        case .tagName, .tag, .attributeName, .afterAttributeName: readTag(byte)
        case .beforeValue: readBeforeValue(byte)
        case .doubleQuoted: readValue(byte, end: byte == UInt8(ascii: "\""))
        case .singleQuoted: readValue(byte, end: byte == UInt8(ascii: "'"))
        case .unquoted:
            if byte == UInt8(ascii: ">") { endTag() } else { readValue(byte, end: Self.isSpace(byte)) }
        case .comment:
            let isEnd = word.suffix(2) == Array("--".utf8)[...] || word == Array("--!".utf8)
            if isEnd && byte == UInt8(ascii: ">") { kind = .text } else { word = word.suffix(2) + [byte] }
        case .declaration:
            add(byte)
            if word == Array("--".utf8) { kind = .comment } else if byte == UInt8(ascii: ">") { kind = .text }
        case .raw: readRaw(byte)
        }
    }

    private mutating func readTagOpen(_ byte: UInt8) {
        switch byte {
        case 0x41...0x5A, 0x61...0x7A:
            kind = .tagName
            word = [Self.lower(byte)]
        case UInt8(ascii: "/"): isEndTag = true
        case UInt8(ascii: "!"), UInt8(ascii: "?"): kind = .declaration
        case UInt8(ascii: "<"): break
        default: kind = isEndTag && byte != UInt8(ascii: ">") ? .declaration : .text
        }
    }

    private mutating func readTag(_ byte: UInt8) {
        if byte == UInt8(ascii: ">") {
            if kind == .tagName { element = word }
            return endTag()
        }
        let isGap = Self.isSpace(byte) || byte == UInt8(ascii: "/")
        switch kind {
        case .tagName:
            guard isGap else { return add(byte) }
            element = word
            kind = .tag
        case .attributeName where byte == UInt8(ascii: "="), .afterAttributeName where byte == UInt8(ascii: "="):
            attribute = Self.meaning(String(decoding: word, as: UTF8.self))
            kind = .beforeValue
        case .attributeName:
            if isGap { kind = .afterAttributeName } else { add(byte) }
        default:
            guard !isGap else { return }
            kind = .attributeName
            word = [Self.lower(byte)]
        }
    }

    private static func meaning(_ name: String) -> Attribute {
        if name.hasPrefix("on") { return .code }
        if name == "style" { return .style }
        if name == "srcdoc" { return .document }
        return addresses.contains(name) ? .address : .plain
    }

    private mutating func readBeforeValue(_ byte: UInt8) {
        isValueStart = true
        word = []
        switch byte {
        case UInt8(ascii: "\""): kind = .doubleQuoted
        case UInt8(ascii: "'"): kind = .singleQuoted
        case UInt8(ascii: ">"): endTag()
        default:
            guard !Self.isSpace(byte) else { return }
            kind = .unquoted
            isValueStart = false
        }
    }

    private mutating func readValue(_ byte: UInt8, end: Bool) {
        if end {
            kind = .tag
            isValueStart = false
            attribute = .plain
        } else if !Self.isSpace(byte) {
            isValueStart = false
        }
    }

    private mutating func endTag() {
        let isRaw = !isEndTag && Self.rawElements.contains(elementName)
        self = isRaw ? HTMLPlace(kind: .raw, element: element) : HTMLPlace()
    }

    /// Reads an element's content up to its own end tag.
    private mutating func readRaw(_ byte: UInt8) {
        let end = Array("</".utf8) + element
        if word == end, Self.isSpace(byte) || byte == UInt8(ascii: "/") || byte == UInt8(ascii: ">") {
            self = HTMLPlace(kind: .tag, isEndTag: true)
            return readTag(byte)
        }
        word.append(Self.lower(byte))
        if !end.starts(with: word) { word = byte == UInt8(ascii: "<") ? [byte] : [] }
        if elementName == "script" { script.read(byte) }
    }
}
