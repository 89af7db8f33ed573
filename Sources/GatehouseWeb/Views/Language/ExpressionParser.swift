/// Reads the content of a tag that has a value: `name`, `first.second`, `.`, `-index`, `date(created, "d MMMM")`.
struct ExpressionParser {
    /// The most calls inside each other.
    private static let depth = 8

    private let text: [UInt8]
    private let functions: [String: ViewFunction]
    private var position = 0

    static func parse(
        _ text: String, functions: [String: ViewFunction]
    ) throws(ViewProblem) -> TemplateExpression {
        if !text.utf8.contains(UInt8(ascii: "(")) { return try plain(text) }
        var parser = ExpressionParser(text: Array(text.utf8), functions: functions)
        let expression = try parser.expression(depth: 0)
        parser.skipSpace()
        guard parser.position == parser.text.count else {
            throw ViewProblem("{{\(text)}}: after the call's “)” nothing may follow")
        }
        return expression
    }

    /// A tag's content without a call. Its name may be written with any characters but white space.
    private static func plain(_ text: String) throws(ViewProblem) -> TemplateExpression {
        guard !text.isEmpty else { throw ViewProblem("a tag without a name") }
        if text.utf8.contains(where: TemplateScanner.isSpace) { throw ViewProblem(habit(text)) }
        return try path(text)
    }

    /// The message for a tag whose content looks like another template language.
    private static func habit(_ text: String) -> String {
        let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        if words.contains("|") || text.contains("|") {
            return "{{\(text)}}: a filter is written as a call: {{uppercase(name)}}"
        }
        if let first = words.first, ["if", "unless", "each", "with", "for"].contains(first), words.count == 2 {
            let name = words[1]
            return
                "{{#\(text)}}: write {{#\(name)}}…{{/\(name)}}, which shows its content if the value is true, and once"
                + " for each element of a list; {{^\(name)}} is for the other case"
        }
        return "{{\(text)}}: a name has no spaces; a function is called with parentheses: {{date(created)}}"
    }

    private static func path(_ text: String) throws(ViewProblem) -> TemplateExpression {
        if text == "." { return .current }
        if let fact = LoopFact(rawValue: text) { return .loop(fact) }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard !parts.contains("") else { throw ViewProblem("{{\(text)}}: a name is missing beside a dot") }
        return parts.count == 1 ? .name(text) : .path(parts[0], Array(parts.dropFirst()))
    }

    private var next: UInt8 { position < text.count ? text[position] : 0 }

    private mutating func skipSpace() {
        while position < text.count, TemplateScanner.isSpace(text[position]) { position += 1 }
    }

    private mutating func expression(depth: Int) throws(ViewProblem) -> TemplateExpression {
        guard depth <= Self.depth else { throw ViewProblem("calls are nested more than \(Self.depth) deep") }
        skipSpace()
        if next == UInt8(ascii: "\"") || next == UInt8(ascii: "'") { return .literal(.string(try quoted())) }
        let start = position
        while position < text.count, !Self.endsWord(text[position]) { position += 1 }
        let word = String(decoding: text[start..<position], as: UTF8.self)
        guard !word.isEmpty else { throw ViewProblem("a value is missing in {{\(whole)}}") }
        skipSpace()
        if next == UInt8(ascii: "(") { return try call(word, depth: depth) }
        switch word {
        case "true": return .literal(true)
        case "false": return .literal(false)
        case "null": return .literal(.null)
        default: break
        }
        if let number = Int(word) { return .literal(.int(number)) }
        if let first = word.utf8.first, first < 0x3A, first != UInt8(ascii: "."), let number = Double(word) {
            return .literal(.double(number))
        }
        return try Self.path(word)
    }

    private static func endsWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: "'"): true
        default: TemplateScanner.isSpace(byte)
        }
    }

    private var whole: String { String(decoding: text, as: UTF8.self) }

    private mutating func quoted() throws(ViewProblem) -> String {
        let quote = next
        var bytes: [UInt8] = []
        position += 1
        while position < text.count, next != quote {
            if next == UInt8(ascii: "\\"), position + 1 < text.count {
                position += 1
                bytes.append(next == UInt8(ascii: "n") ? 0x0A : next)
            } else {
                bytes.append(next)
            }
            position += 1
        }
        guard position < text.count else { throw ViewProblem("{{\(whole)}}: a quote has no end") }
        position += 1
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func call(_ name: String, depth: Int) throws(ViewProblem) -> TemplateExpression {
        guard let function = functions[name] else {
            let nearest = Spelling.nearest(to: name, among: functions.keys)
            throw ViewProblem(
                "there is no function “\(name)”" + (nearest.map { ": did you mean “\($0)”?" } ?? "")
                    + " The functions: \(functions.keys.sorted().joined(separator: ", "))")
        }
        position += 1
        var arguments: [TemplateExpression] = []
        skipSpace()
        while next != UInt8(ascii: ")") {
            if !arguments.isEmpty {
                guard next == UInt8(ascii: ",") else {
                    throw ViewProblem("{{\(whole)}}: between arguments stands a comma, after the last one “)”")
                }
                position += 1
            }
            arguments.append(try expression(depth: depth + 1))
            skipSpace()
        }
        position += 1
        guard function.counts.contains(arguments.count) else {
            throw ViewProblem("\(name)() takes \(function.countsText), and here it has \(arguments.count)")
        }
        return .call(CallExpression(name: name, function: function, arguments: arguments))
    }
}
