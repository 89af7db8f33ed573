/// Makes a template's tree of its tokens.
struct TemplateParser {
    let source: [UInt8]
    let functions: [String: ViewFunction]
    /// Whether text that would never be written is a mistake. The specification lets it pass.
    let isStrict: Bool
    private(set) var problems: [(offset: Int, message: String)] = []
    private var open: [OpenSection] = []
    /// Whether sections are nested too deep, so that no more of them may be made.
    private var isStopped = false

    /// A section, parent or block whose end has not come, or the whole template.
    private struct OpenSection {
        let token: TemplateToken?
        let text: String
        var expression: TemplateExpression = .current
        var content = NodeList()
        var blocks: [String: BlockNode] = [:]
    }

    init(source: [UInt8], functions: [String: ViewFunction], isStrict: Bool = true) {
        self.source = source
        self.functions = functions
        self.isStrict = isStrict
    }

    /// The template's tree. It is whole only if there are no ``problems``.
    mutating func parse() -> TemplateBody {
        guard String(validating: source, as: UTF8.self) != nil else {
            problems.append((0, "the file is not UTF-8"))
            return TemplateBody([])
        }
        var scanner = TemplateScanner(source)
        scanner.scan()
        problems = scanner.problems
        open = [OpenSection(token: nil, text: "")]
        for token in scanner.tokens where !isStopped { take(token) }
        while !isStopped, open.count > 1, let section = open.popLast(), let token = section.token {
            problems.append((token.offset, "{{\(sigil(token.kind))\(section.text)}} has no {{/\(section.text)}}"))
        }
        var content = open[0].content
        return content.finish()
    }

    private mutating func take(_ token: TemplateToken) {
        let place = open.count - 1
        if token.startsLine { open[place].content.startLine() }
        switch token.kind {
        case .nothing: break
        case .text: takeText(token)
        case .value(let isRaw):
            reportIfLost(token)
            let expression = expression(token)
            open[place].content.add(.value(ValueNode(expression: expression, isRaw: isRaw, offset: token.offset)))
        case .section, .inverted, .parent, .block:
            if token.kind != .block { reportIfLost(token) }
            begin(token)
        case .partial:
            reportIfLost(token)
            open[place].content.add(.partial(partial(token, blocks: [:])))
        case .close: close(token)
        }
    }

    private mutating func takeText(_ token: TemplateToken) {
        guard !token.isDropped else { return }
        if isStrict, isParent, !source[token.range].allSatisfy(TemplateScanner.isSpace) { reportIfLost(token) }
        open[open.count - 1].content.append(source[token.range])
    }

    /// Whether the innermost open section is a `{{<parent}}`, of whose content only the blocks count.
    private var isParent: Bool { open[open.count - 1].token?.kind == .parent }

    private mutating func reportIfLost(_ token: TemplateToken) {
        guard isStrict, isParent else { return }
        let parent = open[open.count - 1].text
        problems.append((token.offset, "this stands in {{<\(parent)}} but in no {{$block}}, so nobody would see it"))
    }

    private mutating func begin(_ token: TemplateToken) {
        let text = String(decoding: source[token.range], as: UTF8.self)
        guard open.count <= ViewLimits.depth else {
            problems.append((token.offset, "sections are nested more than \(ViewLimits.depth) deep"))
            isStopped = true
            return
        }
        var section = OpenSection(token: token, text: text)
        if token.kind == .section || token.kind == .inverted {
            section.expression = expression(token)
        } else {
            checkName(token, text)
        }
        open.append(section)
    }

    private mutating func checkName(_ token: TemplateToken, _ text: String) {
        let isDynamic = token.kind == .parent && text.hasPrefix("*")
        guard !isDynamic, text.isEmpty || text.utf8.contains(where: TemplateScanner.isSpace) else { return }
        problems.append((token.offset, "{{\(sigil(token.kind))…}} takes a name without spaces"))
    }

    private mutating func close(_ token: TemplateToken) {
        let text = String(decoding: source[token.range], as: UTF8.self)
        guard let place = open.lastIndex(where: { $0.token != nil && Self.closes(text, $0.text) }) else {
            let inner = open[open.count - 1]
            let remedy = inner.token == nil ? "nothing is open" : "{{\(name(of: inner))}} is open"
            problems.append((token.offset, "{{/\(text)}} closes nothing: \(remedy)"))
            return
        }
        while open.count - 1 > place, let section = open.popLast() {
            let line = TemplatePlace.lineAndColumn(of: token.offset, in: source).line
            problems.append(
                (section.token?.offset ?? 0, "{{\(name(of: section))}} has no end before {{/\(text)}} in line \(line)"))
        }
        guard let section = open.popLast() else { return }
        finish(section)
    }

    private func name(of section: OpenSection) -> String { sigil(section.token?.kind ?? .text) + section.text }

    /// Whether a closing tag's text fits: that of the opening tag, or the name of the function that it calls.
    private static func closes(_ text: String, _ opening: String) -> Bool {
        text == opening || (opening.hasPrefix(text + "(") && opening.hasSuffix(")"))
    }

    private mutating func finish(_ section: OpenSection) {
        guard let token = section.token else { return }
        var content = section.content
        let body = content.finish()
        let place = open.count - 1
        switch token.kind {
        case .parent:
            open[place].content.add(.partial(partial(token, blocks: section.blocks)))
        case .block:
            let block = block(token, section.text, body)
            if isParent {
                if open[place].blocks.updateValue(block, forKey: section.text) != nil {
                    problems.append((token.offset, "{{$\(section.text)}} stands twice in {{<\(open[place].text)}}"))
                }
            } else {
                open[place].content.add(.block(block))
            }
        default:
            let node = SectionNode(
                expression: section.expression, isInverted: token.kind == .inverted, body: body, offset: token.offset)
            open[place].content.add(.section(node))
        }
    }

    private func block(_ token: TemplateToken, _ name: String, _ body: TemplateBody) -> BlockNode {
        let own = token.isStandalone ? TemplateIndentation.first(of: body) : nil
        return BlockNode(
            name: name, body: body,
            movableBody: own.map { TemplateIndentation.removing($0, from: body) } ?? body,
            indentation: own ?? Array(source[token.indentation]), isStandalone: token.isStandalone,
            offset: token.offset)
    }

    private mutating func partial(_ token: TemplateToken, blocks: [String: BlockNode]) -> PartialNode {
        let text = String(decoding: source[token.range], as: UTF8.self)
        var name = PartialNode.Name.fixed(text)
        if text.hasPrefix("*") {
            name = .dynamic(expression(token, String(text.dropFirst().drop(while: \.isWhitespace))))
        } else {
            checkName(token, text)
        }
        return PartialNode(
            name: name, indentation: token.isStandalone ? Array(source[token.indentation]) : [], blocks: blocks,
            offset: token.offset)
    }

    private mutating func expression(_ token: TemplateToken, _ text: String? = nil) -> TemplateExpression {
        let text = text ?? String(decoding: source[token.range], as: UTF8.self)
        do {
            return try ExpressionParser.parse(text, functions: functions)
        } catch {
            problems.append((token.offset, error.message))
            return .literal(.null)
        }
    }

    private func sigil(_ kind: TemplateToken.Kind) -> String {
        switch kind {
        case .section: "#"
        case .inverted: "^"
        case .partial: ">"
        case .parent: "<"
        case .block: "$"
        case .close: "/"
        case .text, .value, .nothing: ""
        }
    }
}
