extension Renderer {
    mutating func write(_ node: ValueNode) throws {
        let value = try value(of: node.expression, at: node.offset)
        let escapes = escapes && !node.isRaw && node.use != .script
        if node.use == .address, let text = value.text, !ViewAddress.isHarmless(text) {
            note(node.offset, "an address began with something else than http, https, mailto or tel: # was written")
            return output.append("#")
        }
        switch value {
        case .string(let text):
            if escapes { output.appendEscaped(text) } else { output.append(text) }
        case .html(let text): output.append(text)
        case .int(let number): output.append(number)
        case .null: break
        default:
            guard let text = value.text else {
                return try report(node.offset, "this is \(value.kind), which a section can show but no value")
            }
            output.append(text)
        }
    }

    /// The value of an expression; `null` for a name that is missing, if that is let pass.
    mutating func value(of expression: TemplateExpression, at offset: Int) throws -> ViewValue {
        switch expression {
        case .name(let name):
            if let value = try lookUp(name, offset) { return value }
        case .path(let name, let rest):
            if let value = try lookUp(name, offset) { return try follow(rest, from: value, name, offset) }
        case .current: return contexts[contexts.count - 1]
        case .loop(let fact): return try self.fact(fact, offset)
        case .literal(let value): return value
        case .call(let call): return try result(of: call, offset)
        }
        try report(offset, missingMessage(expression))
        return .null
    }

    /// The value under a name in the innermost context that has it.
    private mutating func lookUp(_ name: String, _ offset: Int) throws -> ViewValue? {
        if let value = find(name) { return value }
        do {
            return try globals.value(under: name)
        } catch let error as ViewProblem {
            throw problem(offset, "\(name): \(error.message)")
        }
    }

    private mutating func follow(
        _ names: [String], from value: ViewValue, _ first: String, _ offset: Int
    ) throws -> ViewValue {
        var value = value
        for (index, name) in names.enumerated() {
            if case .null = value { return .null }
            guard let inner = value[name] else {
                let place = ([first] + names.prefix(index)).joined(separator: ".")
                try report(offset, unknownMessage(name, in: place, value))
                return .null
            }
            value = inner
        }
        return value
    }

    private mutating func result(of call: CallExpression, _ offset: Int) throws -> ViewValue {
        var values: [ViewValue] = []
        values.reserveCapacity(call.arguments.count)
        for argument in call.arguments {
            values.append(
                call.function.takesMissing ? try optional(argument, offset) : try value(of: argument, at: offset))
        }
        do {
            return try call.function.body(ViewArguments(values, page))
        } catch let error as ViewProblem {
            throw error.line > 0 ? error : problem(offset, "\(call.name)(): \(error.message)")
        }
    }

    /// The value of an expression; `null` if a name in it is missing.
    private mutating func optional(_ expression: TemplateExpression, _ offset: Int) throws -> ViewValue {
        switch expression {
        case .name(let name): return try lookUp(name, offset) ?? .null
        case .path(let name, let rest):
            return rest.reduce(try lookUp(name, offset) ?? .null) { $0[$1] ?? .null }
        default: return try value(of: expression, at: offset)
        }
    }

    /// A fact about the innermost list that is gone through.
    private mutating func fact(_ fact: LoopFact, _ offset: Int) throws -> ViewValue {
        for frame in frames.reversed() {
            switch frame.ending {
            case .list(let values): return Self.fact(fact, frame.index, isLast: frame.index + 1 == values.count)
            case .rows:
                if fact == .last { throw problem(offset, "nobody knows which of the rows that still come is the last") }
                return Self.fact(fact, frame.index, isLast: false)
            default: continue
            }
        }
        try report(offset, "{{\(fact.rawValue)}} stands outside of a list")
        return .null
    }

    private static func fact(_ fact: LoopFact, _ index: Int, isLast: Bool) -> ViewValue {
        switch fact {
        case .index: .int(index)
        case .number: .int(index + 1)
        case .first: .bool(index == 0)
        case .last: .bool(isLast)
        case .odd: .bool(index % 2 == 0)
        case .even: .bool(index % 2 == 1)
        }
    }
}
