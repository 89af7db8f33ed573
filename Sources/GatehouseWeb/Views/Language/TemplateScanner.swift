/// Cuts a template's source into ``TemplateToken``s: the mustache(5) language with its specification's rules for
/// delimiters and for lines that hold nothing but tags.
struct TemplateScanner {
    /// The most bytes between the delimiters of a tag that calls a function.
    private static let longestCall = 4_096

    private let source: [UInt8]
    private var position = 0
    private var opening: [UInt8] = Array("{{".utf8)
    private var closing: [UInt8] = Array("}}".utf8)
    private(set) var tokens: [TemplateToken] = []
    /// The mistakes: an offset and a message.
    private(set) var problems: [(offset: Int, message: String)] = []

    init(_ source: [UInt8]) { self.source = source }

    /// All tokens of the source, in their order.
    mutating func scan() {
        while position < source.count {
            let start = find(opening, from: position) ?? source.count
            addText(position..<start)
            position = start
            if start < source.count { scanTag() }
        }
        TemplateLines.mark(&tokens, source)
    }

    private mutating func addText(_ range: Range<Int>) {
        var start = range.lowerBound
        while start < range.upperBound {
            let newline = source[start..<range.upperBound].firstIndex(of: 0x0A)
            let end = newline.map { $0 + 1 } ?? range.upperBound
            tokens.append(TemplateToken(kind: .text, range: start..<end, offset: start))
            start = end
        }
    }

    /// Takes one tag, whose first delimiter is at the position.
    private mutating func scanTag() {
        let offset = position
        let start = offset + opening.count
        let sigil = start < source.count ? source[start] : 0
        let ending: [UInt8] =
            switch sigil {
            case UInt8(ascii: "{"): [UInt8(ascii: "}")] + closing
            case UInt8(ascii: "="): [UInt8(ascii: "=")] + closing
            default: closing
            }
        let kind = Self.kind(of: sigil)
        let contentStart = kind == .value(isRaw: false) ? start : start + 1
        guard let end = findEnd(ending, from: contentStart, isText: sigil == UInt8(ascii: "!")) else {
            let text = String(decoding: ending, as: UTF8.self)
            problems.append((offset, "the tag has no end: write \(text) after it"))
            position = source.count
            return
        }
        position = end + ending.count
        let content = trimmed(contentStart..<end)
        if sigil == UInt8(ascii: "=") { setDelimiters(content, offset) }
        tokens.append(TemplateToken(kind: kind, range: content, offset: offset))
    }

    private static func kind(of sigil: UInt8) -> TemplateToken.Kind {
        switch sigil {
        case UInt8(ascii: "{"), UInt8(ascii: "&"): .value(isRaw: true)
        case UInt8(ascii: "#"): .section
        case UInt8(ascii: "^"): .inverted
        case UInt8(ascii: "/"): .close
        case UInt8(ascii: ">"): .partial
        case UInt8(ascii: "<"): .parent
        case UInt8(ascii: "$"): .block
        case UInt8(ascii: "!"), UInt8(ascii: "="): .nothing
        default: .value(isRaw: false)
        }
    }

    private mutating func setDelimiters(_ content: Range<Int>, _ offset: Int) {
        let parts = source[content].split(whereSeparator: Self.isSpace)
        guard parts.count == 2, !parts.joined().contains(UInt8(ascii: "=")) else {
            problems.append((offset, "new delimiters are two, with a space between: {{=<% %>=}}"))
            return
        }
        opening = Array(parts[0])
        closing = Array(parts[1])
    }

    /// The place of the closing delimiter. One that is inside the quotes of a function's argument is none.
    private func findEnd(_ ending: [UInt8], from start: Int, isText: Bool) -> Int? {
        guard !isText, let plain = find(ending, from: start) else { return find(ending, from: start) }
        guard source[start..<plain].contains(UInt8(ascii: "(")) else { return plain }
        var quote: UInt8 = 0
        var place = start
        while place < min(source.count, start + Self.longestCall) {
            let byte = source[place]
            if quote != 0 {
                if byte == UInt8(ascii: "\\") { place += 1 } else if byte == quote { quote = 0 }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if matches(ending, at: place) {
                return place
            }
            place += 1
        }
        // A quote without an end: the tag ends at its delimiter, and its content is found to be wrong.
        return plain
    }

    private func find(_ pattern: [UInt8], from start: Int) -> Int? {
        guard let first = pattern.first else { return nil }
        var place = start
        while place + pattern.count <= source.count {
            guard let next = source[place...].firstIndex(of: first) else { return nil }
            if matches(pattern, at: next) { return next }
            place = next + 1
        }
        return nil
    }

    private func matches(_ pattern: [UInt8], at place: Int) -> Bool {
        place + pattern.count <= source.count && source[place..<(place + pattern.count)].elementsEqual(pattern)
    }

    private func trimmed(_ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, Self.isSpace(source[start]) { start += 1 }
        while end > start, Self.isSpace(source[end - 1]) { end -= 1 }
        return start..<end
    }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
