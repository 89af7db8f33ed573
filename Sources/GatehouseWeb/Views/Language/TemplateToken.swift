/// A piece of a template's source: text up to the end of its line, or a tag.
struct TemplateToken {
    enum Kind: Equatable {
        case text
        /// `{{name}}`, `{{{name}}}`, `{{&name}}`.
        case value(isRaw: Bool)
        case section, inverted, partial, parent, block, close
        /// A comment, or new delimiters: writes nothing.
        case nothing
    }

    var kind: Kind
    /// The text itself, or the content of the tag without its sigil and outer white space.
    var range: Range<Int>
    /// The place of the tag's first delimiter, for messages.
    var offset: Int
    /// Whether a line of the template starts with this token. The lines of tags that stand alone have no start.
    var startsLine = false
    /// Whether the tag's line has nothing else that is written.
    var isStandalone = false
    /// The white space before the tag, if nothing else is before it on its line.
    var indentation: Range<Int> = 0..<0
    /// Whether this text is part of a line that is not written.
    var isDropped = false

    /// Whether a tag may have its line to itself, which is then not written.
    var mayStandAlone: Bool {
        switch kind {
        case .text, .value: false
        default: true
        }
    }
}
