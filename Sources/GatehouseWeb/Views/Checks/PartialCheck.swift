/// Checks the names by which templates include each other: each must exist, text must not be put into HTML, and a
/// template that includes itself must do so inside a section, whose data comes to an end.
struct PartialCheck {
    private let set: TemplateSet
    private var problems: [ViewProblem] = []
    /// The partials that each template writes in any case.
    private var unconditional: [String: [PartialNode]] = [:]

    static func problems(of set: TemplateSet) -> [ViewProblem] {
        var check = PartialCheck(set: set)
        for template in set.templates.values { check.look(template.body, in: template, isConditional: false) }
        check.findCycles()
        return check.problems
    }

    private init(set: TemplateSet) { self.set = set }

    private mutating func look(_ body: TemplateBody, in template: Template, isConditional: Bool) {
        for node in body.nodes {
            switch node {
            case .text, .value: break
            case .section(let section): look(section.body, in: template, isConditional: true)
            // Another template may replace it.
            case .block(let block): look(block.body, in: template, isConditional: true)
            case .partial(let partial):
                look(partial, in: template, isConditional: isConditional)
                for block in partial.blocks.values { look(block.body, in: template, isConditional: true) }
            }
        }
    }

    private mutating func look(_ partial: PartialNode, in template: Template, isConditional: Bool) {
        guard case .fixed(let name) = partial.name, !name.isEmpty else { return }
        guard let target = set[name] else {
            problems.append(template.problem(at: partial.offset, set.unknown(name)))
            return
        }
        if target.kind == .text && template.kind != .text {
            let message = "\(target.file) is text, whose values are not escaped: it cannot be part of \(template.file)"
            problems.append(template.problem(at: partial.offset, message))
        }
        for block in partial.blocks.values where !Self.has(block.name, target, set) {
            problems.append(
                template.problem(at: block.offset, "neither \(target.file) nor what it includes has {{$\(block.name)}}")
            )
        }
        if !isConditional { unconditional[template.name, default: []].append(partial) }
    }

    /// Whether a template, or one that it includes, has a block of a name.
    private static func has(_ block: String, _ template: Template, _ set: TemplateSet) -> Bool {
        var seen: Set<String> = []
        var open = [template]
        while let next = open.popLast() {
            guard seen.insert(next.name).inserted else { continue }
            var nodes = next.body.nodes
            while let node = nodes.popLast() {
                switch node {
                case .text, .value: break
                case .section(let section): nodes += section.body.nodes
                case .block(let own):
                    if own.name == block { return true }
                    nodes += own.body.nodes
                case .partial(let partial):
                    for own in partial.blocks.values { nodes += own.body.nodes }
                    guard case .fixed(let name) = partial.name else { return true }
                    if let target = set[name] { open.append(target) }
                }
            }
        }
        return false
    }

    private enum Mark { case open, done }

    /// Goes along the partials that are written in any case, without recursion; one that leads to a template which is
    /// still open closes a circle.
    private mutating func findCycles() {
        var marks: [String: Mark] = [:]
        for name in set.templates.keys.sorted() where marks[name] == nil {
            var path = [(name: name, next: 0)]
            marks[name] = .open
            while let (name, next) = path.last {
                let partials = unconditional[name] ?? []
                guard next < partials.count else {
                    marks[name] = .done
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                guard case .fixed(let target) = partials[next].name, let template = set[name] else { continue }
                switch marks[target] {
                case .done: break
                case .open:
                    let circle = path.map(\.name).drop { $0 != target } + [target]
                    problems.append(
                        template.problem(
                            at: partials[next].offset,
                            "templates include each other without end: \(circle.joined(separator: " → ")). "
                                + "Inside a section it would end with the data"))
                case nil where set[target] != nil:
                    marks[target] = .open
                    path.append((target, 0))
                case nil: break
                }
            }
        }
    }
}
