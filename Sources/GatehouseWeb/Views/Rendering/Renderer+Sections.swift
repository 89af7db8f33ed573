extension Renderer {
    /// - Returns: whether a frame was pushed.
    mutating func begin(_ section: SectionNode) throws -> Bool {
        let value = try value(of: section.expression, at: section.offset)
        if section.isInverted {
            guard !value.isTrue else { return false }
            push(section.body, .nothing)
            return true
        }
        switch value {
        case .list(let values):
            guard let first = values.first else { return false }
            pushContext(first)
            push(section.body, .list(values))
        case .rows(let rows):
            guard canWait else {
                throw problem(section.offset, "these rows come while the page is written: use views.stream")
            }
            pushContext(.null)
            push(section.body, .rows(rows.makeIterator()))
            // Its frame begins at the end of its body: the first row is fetched like every other.
            frames[frames.count - 1].next = section.body.nodes.count
            frames[frames.count - 1].index = -1
        default:
            guard value.isTrue else { return false }
            pushContext(value)
            push(section.body, .context)
        }
        return true
    }

    mutating func begin(_ partial: PartialNode) throws -> Bool {
        guard let template = try template(of: partial) else { return false }
        guard partials < templates.limits.partials else {
            throw problem(partial.offset, "\(partials) partials are inside each other: does one include itself?")
        }
        var blocks = scope.blocks
        // The outermost template has the last word (mustache spec, inheritance, "Multi-level inheritance").
        for (name, block) in partial.blocks where blocks[name] == nil { blocks[name] = (block, scope.template) }
        enter(
            Scope(template: template, indentation: scope.indentation + partial.indentation, blocks: blocks),
            template.body)
        return true
    }

    private mutating func template(of partial: PartialNode) throws -> Template? {
        switch partial.name {
        case .fixed(let name): return templates[name]
        case .dynamic(let expression):
            guard let name = try value(of: expression, at: partial.offset).text, !name.isEmpty else { return nil }
            guard let template = templates[name] else {
                try report(partial.offset, templates.unknown(name))
                return nil
            }
            guard template.kind != .text || scope.template.kind == .text else {
                throw problem(partial.offset, "\(template.file) is text, whose values are not escaped")
            }
            return template
        }
    }

    mutating func begin(_ block: BlockNode) throws -> Bool {
        guard let (replacement, template) = scope.blocks[block.name], replacement !== block else {
            push(block.body, .nothing)
            return true
        }
        guard partials < templates.limits.partials else {
            throw problem(
                block.offset, "\(partials) blocks are inside each other: does {{$\(block.name)}} contain itself?")
        }
        let indentation = scope.indentation + block.indentation
        if block.isStandalone && !replacement.isStandalone { output.append(indentation) }
        skipsLineStart = !block.isStandalone && replacement.isStandalone
        enter(
            Scope(template: template, indentation: indentation, blocks: scope.blocks), replacement.movableBody)
        return true
    }

    private mutating func enter(_ inner: Scope, _ body: TemplateBody) {
        push(body, .scope(scope))
        scope = inner
        partials += 1
    }
}
