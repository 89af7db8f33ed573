import Synchronization

/// One template after parsing: a tree that is written by ``Renderer``.
final class Template: Sendable {
    /// The kind of text that a template makes, from its file's extension.
    enum Kind: String, Sendable {
        case html, xml, text

        /// Whether values are escaped.
        var escapes: Bool { self != .text }

        var contentType: String {
            switch self {
            case .html: "text/html; charset=utf-8"
            case .xml: "application/xml; charset=utf-8"
            case .text: "text/plain; charset=utf-8"
            }
        }
    }

    /// The name that other templates and handlers use: `users/list`, `mail/welcome.txt`.
    let name: String
    /// The file, below the folder of templates.
    let file: String
    let kind: Kind
    let source: [UInt8]
    let body: TemplateBody
    /// The bytes of the last page that began with this template: the next one mostly has as many.
    private let lastBytes = Atomic(0)

    init(name: String, file: String, kind: Kind, source: [UInt8], body: TemplateBody) {
        self.name = name
        self.file = file
        self.kind = kind
        self.source = source
        self.body = body
    }

    /// The bytes for which a page should have space from the beginning.
    var expectedBytes: Int { min(max(lastBytes.load(ordering: .relaxed), 2_048), 262_144) }

    /// Notes how many bytes a page has had.
    func expect(_ bytes: Int) { lastBytes.store(bytes + bytes / 8, ordering: .relaxed) }

    func problem(at offset: Int, _ message: String) -> ViewProblem {
        let (line, column) = TemplatePlace.lineAndColumn(of: offset, in: source)
        return ViewProblem(file: file, line: line, column: column, message)
    }
}

enum TemplatePlace {
    /// The line and the character (a Unicode scalar) at an offset, both from 1 on.
    static func lineAndColumn(of offset: Int, in source: [UInt8]) -> (line: Int, column: Int) {
        var line = 1
        var column = 1
        for byte in source.prefix(offset) {
            if byte == 0x0A {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        return (line, column)
    }
}

/// The pieces of a template, a section or a block.
final class TemplateBody: Sendable {
    let nodes: [TemplateNode]
    /// The same pieces as ``Renderer`` goes through them. Text and values are most of them, and counting references to
    /// them would be a quarter of a page's time; the templates live as long as the renderer has their set.
    let steps: [Step]

    enum Step: Sendable {
        case text(Unmanaged<TextNode>)
        case value(Unmanaged<ValueNode>)
        /// A node that has a body of its own, or more than one.
        case other
    }

    init(_ nodes: [TemplateNode]) {
        self.nodes = nodes
        steps = nodes.map { node in
            switch node {
            case .text(let text): .text(.passUnretained(text))
            case .value(let value): .value(.passUnretained(value))
            case .section, .partial, .block: .other
            }
        }
    }
}

/// A piece of a template. Each is a small object, so that walking the tree copies pointers only.
enum TemplateNode: Sendable {
    case text(TextNode)
    case value(ValueNode)
    case section(SectionNode)
    case partial(PartialNode)
    case block(BlockNode)
}

/// Text that is written as it is.
final class TextNode: Sendable {
    let bytes: [UInt8]
    /// The offsets in `bytes` at which a line of the template starts: a partial's indentation goes there. One may be
    /// the end of `bytes`, if the line starts with a tag.
    let lineStarts: [Int]
    /// The bytes once more, for the renderer: whoever has this object may look at them, and counts no reference.
    nonisolated(unsafe) let space: UnsafeRawBufferPointer

    init(bytes: [UInt8], lineStarts: [Int]) {
        self.bytes = bytes
        let space = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        space.copyBytes(from: bytes)
        self.space = UnsafeRawBufferPointer(space)
        self.lineStarts = lineStarts
    }

    deinit { space.deallocate() }
}

/// `{{name}}`.
final class ValueNode: Sendable {
    let expression: TemplateExpression
    /// `{{{name}}}` or `{{&name}}`: the author wants the value as it is.
    let isRaw: Bool
    let offset: Int

    /// The meaning of the place in HTML at which a value stands.
    enum Use {
        /// Text, or an attribute between quotes.
        case plain
        /// The beginning of an address, which may not be a script's, or a later part of one.
        case address, addressPart
        /// Code of a script: JSON is written as it is.
        case script
    }

    /// The value's place; `nil` if no HTML has it. ``EscapingCheck`` sets it while one task loads the templates, before
    /// anybody else has them; nothing changes it later.
    nonisolated(unsafe) var use: Use?

    init(expression: TemplateExpression, isRaw: Bool, offset: Int) {
        self.expression = expression
        self.isRaw = isRaw
        self.offset = offset
    }
}

/// `{{#name}}…{{/name}}` or `{{^name}}…{{/name}}`.
final class SectionNode: Sendable {
    let expression: TemplateExpression
    let isInverted: Bool
    let body: TemplateBody
    let offset: Int

    init(expression: TemplateExpression, isInverted: Bool, body: TemplateBody, offset: Int) {
        self.expression = expression
        self.isInverted = isInverted
        self.body = body
        self.offset = offset
    }
}

/// `{{>name}}`, `{{>*name}}`, or `{{<name}}…{{/name}}` with the blocks that it replaces.
final class PartialNode: Sendable {
    enum Name: Sendable {
        case fixed(String)
        /// The value under this path is the name.
        case dynamic(TemplateExpression)
    }

    let name: Name
    let indentation: [UInt8]
    let blocks: [String: BlockNode]
    let offset: Int

    init(name: Name, indentation: [UInt8], blocks: [String: BlockNode], offset: Int) {
        self.name = name
        self.indentation = indentation
        self.blocks = blocks
        self.offset = offset
    }
}

/// `{{$name}}…{{/name}}`: in a template the place and its content by default, in a `{{<…}}` the content instead.
final class BlockNode: Sendable {
    let name: String
    /// The content at its own place.
    let body: TemplateBody
    /// The content without the indentation that it has where it is written, to be put elsewhere.
    let movableBody: TemplateBody
    /// The indentation of the place, for a content that comes from elsewhere.
    let indentation: [UInt8]
    /// Whether the tag has its line to itself, so that the content has to bring its first line's indentation.
    let isStandalone: Bool
    let offset: Int

    init(
        name: String, body: TemplateBody, movableBody: TemplateBody, indentation: [UInt8], isStandalone: Bool,
        offset: Int
    ) {
        self.name = name
        self.body = body
        self.movableBody = movableBody
        self.indentation = indentation
        self.isStandalone = isStandalone
        self.offset = offset
    }
}

/// The content of a tag that has a value.
enum TemplateExpression: Sendable {
    /// `.`, the value that the innermost section is about.
    case current
    /// `name`, the usual case.
    case name(String)
    /// `first.second.third`.
    case path(String, [String])
    /// `-index` and so on: facts about the loop.
    case loop(LoopFact)
    case literal(ViewValue)
    case call(CallExpression)
}

/// `name(argument, …)`.
final class CallExpression: Sendable {
    let name: String
    let function: ViewFunction
    let arguments: [TemplateExpression]

    init(name: String, function: ViewFunction, arguments: [TemplateExpression]) {
        self.name = name
        self.function = function
        self.arguments = arguments
    }
}

/// A fact about the innermost list that is gone through.
enum LoopFact: String, Sendable, CaseIterable {
    case index = "-index"
    case number = "-number"
    case first = "-first"
    case last = "-last"
    case odd = "-odd"
    case even = "-even"
}
