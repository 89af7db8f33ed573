/// Writes a template with its values.
///
/// It keeps its own stack in place of recursion, so that it can stop anywhere, for a page that is sent while it is
/// written, and so that no template and no value can use up the thread's stack.
struct Renderer {
    /// The template that the page begins with.
    let template: Template
    /// The templates, the functions' circumstances, and the answers to questions about names.
    let templates: TemplateSet
    let page: PageEnvironment
    let isStrict: Bool
    /// Whether rows may come later: the page is streamed.
    let canWait: Bool
    var globals: any ViewGlobalValues
    var output: ViewOutput

    /// Faults of a page that is written all the same, such as a missing name.
    var notes: [ViewProblem] = []

    /// The values that names are looked up in, the innermost last.
    private(set) var contexts: [ViewValue]
    /// The objects among them, by place: ``contexts`` keeps them alive, so that a look at one counts no reference.
    private var objects: [Unmanaged<ViewObject>?]
    var frames: [Frame] = []
    var scope: Scope {
        didSet { noteScope() }
    }
    /// The scope's two questions that every node asks: copying objects for their sake would be half of the work.
    private(set) var escapes: Bool
    private var isIndented = false
    /// Partials inside each other at this moment.
    var partials = 0
    /// Whether the next line start has its indentation already.
    var skipsLineStart = false

    /// The template that is being written, and what it was included with.
    final class Scope {
        let template: Template
        let indentation: [UInt8]
        /// The blocks that the templates outside replace, each with its own template.
        let blocks: [String: (block: BlockNode, template: Template)]

        init(
            template: Template, indentation: [UInt8] = [],
            blocks: [String: (block: BlockNode, template: Template)] = [:]
        ) {
            self.template = template
            self.indentation = indentation
            self.blocks = blocks
        }
    }

    /// Nodes that are being written, and what is to be done at their end.
    struct Frame {
        enum Ending { case nothing, context, list([ViewValue]), rows(ViewRows.Source), scope(Scope) }

        let body: TemplateBody
        var next = 0
        var ending: Ending
        /// The place in a list.
        var index = 0
    }

    /// The reason why ``run(upTo:)`` returned.
    enum Stop {
        case end
        /// As many bytes are written as were wanted.
        case full
        /// The next row has to come first; ``resume(with:)`` takes it.
        case rows(ViewRows.Source)
    }

    init(
        _ template: Template, of templates: TemplateSet, value: ViewValue, environment: ViewEnvironment,
        globals: any ViewGlobalValues, isStrict: Bool, canWait: Bool = false
    ) {
        self.template = template
        self.templates = templates
        page = PageEnvironment(environment)
        self.globals = globals
        self.isStrict = isStrict
        self.canWait = canWait
        output = ViewOutput(capacity: template.expectedBytes)
        contexts = [value]
        objects = [value.object]
        scope = Scope(template: template)
        escapes = template.kind.escapes
        frames = [Frame(body: template.body, ending: .nothing)]
    }

    private mutating func noteScope() {
        escapes = scope.template.kind.escapes
        isIndented = !scope.indentation.isEmpty
    }

    /// Writes until the end, or until there are some bytes.
    /// - Throws: ``ViewProblem``.
    mutating func run(upTo bytes: Int) throws -> Stop {
        while let top = frames.indices.last {
            let body = frames[top].body
            let steps = body.steps
            var next = frames[top].next
            var pushed = false
            while next < steps.count, !pushed, output.count < bytes {
                next += 1
                switch steps[next - 1] {
                case .text(let text): text._withUnsafeGuaranteedRef { write($0) }
                case .value(let value): try value._withUnsafeGuaranteedRef { try write($0) }
                case .other:
                    frames[top].next = next
                    pushed = try begin(body.nodes[next - 1])
                }
            }
            if pushed { continue }
            frames[top].next = next
            if output.count >= bytes { return .full }
            if let source = end() { return .rows(source) }
        }
        return .end
    }

    /// - Returns: whether a frame was pushed.
    private mutating func begin(_ node: TemplateNode) throws -> Bool {
        switch node {
        case .section(let section): try begin(section)
        case .partial(let partial): try begin(partial)
        case .block(let block): try begin(block)
        case .text, .value: false
        }
    }

    /// Ends the frame on top, or begins it once more for a list's next element.
    private mutating func end() -> ViewRows.Source? {
        let top = frames.count - 1
        switch frames[top].ending {
        case .nothing: break
        case .context: popContext()
        case .scope(let outer):
            scope = outer
            partials -= 1
        case .list(let values):
            let index = frames[top].index + 1
            if index < values.count {
                replaceContext(by: values[index])
                frames[top].index = index
                frames[top].next = 0
                return nil
            }
            popContext()
        case .rows(let source): return source
        }
        frames.removeLast()
        return nil
    }

    /// Goes on with a row; `nil` if there is none any more.
    mutating func resume(with row: ViewValue?) {
        let top = frames.count - 1
        if let row {
            replaceContext(by: row)
            frames[top].index += 1
            frames[top].next = 0
        } else {
            popContext()
            frames.removeLast()
        }
    }

    mutating func pushContext(_ value: ViewValue) {
        contexts.append(value)
        objects.append(value.object)
    }

    private mutating func replaceContext(by value: ViewValue) {
        objects[objects.count - 1] = value.object
        contexts[contexts.count - 1] = value
    }

    private mutating func popContext() {
        objects.removeLast()
        contexts.removeLast()
    }

    /// The value under a name in the innermost context that has it.
    func find(_ name: String) -> ViewValue? {
        objects.withUnsafeBufferPointer { objects in
            for object in objects.reversed() {
                if let value = object?._withUnsafeGuaranteedRef({ $0[name] }) { return value }
            }
            return nil
        }
    }

    /// Puts a frame upon the one that is being written.
    mutating func push(_ body: TemplateBody, _ ending: Frame.Ending) {
        frames.append(Frame(body: body, ending: ending))
    }

    private mutating func write(_ text: TextNode) {
        guard isIndented else { return output.append(text.space) }
        let indentation = scope.indentation
        var place = 0
        for start in text.lineStarts {
            output.append(text.bytes[place..<start])
            if !skipsLineStart || start > 0 { output.append(indentation) }
            place = start
        }
        skipsLineStart = false
        output.append(text.bytes[place...])
    }
}

extension ViewValue {
    fileprivate var object: Unmanaged<ViewObject>? {
        if case .object(let object) = self { .passUnretained(object) } else { nil }
    }
}
