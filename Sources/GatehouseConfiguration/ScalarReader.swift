internal import Yams

/// Reads single values: expands `${NAME}`, checks the type, reports faults.
struct ScalarReader {
    let report: ProblemReport

    /// The text of a scalar, environment variables expanded; `nil`, reported, if the node is none.
    func text(_ node: Node, _ what: String) -> String? {
        guard let scalar = node.scalar else {
            report.add("\(what) is a text, not \(node.kind)", at: node)
            return nil
        }
        return expand(scalar.string, at: node)
    }

    /// A text that is not empty.
    func name(_ node: Node, _ what: String) -> String? {
        guard let text = text(node, what) else { return nil }
        if text.isEmpty || text.utf8.contains(0) {
            report.add("\(what) is missing: write a value", at: node)
            return nil
        }
        return text
    }

    /// A path, made absolute: a relative one starts from the configuration's folder, not from the current directory.
    func path(_ node: Node, _ what: String) -> String? {
        name(node, what).map(absolute)
    }

    private func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : report.folder + "/" + path
    }

    /// `stdout`, `stderr`, or a path.
    func logPlace(_ node: Node, _ what: String) -> LogPlace? {
        guard let text = name(node, what) else { return nil }
        return LogPlace(named: text) ?? .file(absolute(text))
    }

    /// Whether a scalar is `off`, which is a value beside a setting's other forms.
    func isOff(_ node: Node) -> Bool {
        node.scalar.map { expand($0.string, at: node) == "off" } ?? false
    }

    func wholeNumber(_ node: Node, _ what: String, in range: ClosedRange<Int>) -> Int? {
        guard let text = text(node, what) else { return nil }
        guard let number = Int(text), text.utf8.allSatisfy({ $0 != UInt8(ascii: "+") }) else {
            report.add("\(what) is a whole number, not \"\(printable(text))\"", at: node)
            return nil
        }
        guard range.contains(number) else {
            report.add("\(what) is from \(range.lowerBound) to \(range.upperBound), not \(number)", at: node)
            return nil
        }
        return number
    }

    func flag(_ node: Node, _ what: String) -> Bool? {
        guard let text = text(node, what) else { return nil }
        switch text {
        case "true": return true
        case "false": return false
        default:
            report.add("\(what) is true or false, not \"\(printable(text))\"", at: node)
            return nil
        }
    }

    /// - Parameter canBeOff: whether `off`, which is 0, is a value here.
    func quantity<Unit: QuantityUnit>(
        _ node: Node, _ what: String, _: Unit.Type, in range: ClosedRange<Int>, canBeOff: Bool = Unit.canBeOff
    ) -> Int? {
        guard let text = text(node, what) else { return nil }
        do {
            let value = try Unit.parse(text)
            guard range.contains(value) || (value == 0 && canBeOff) else {
                let bounds = "\(Unit.describe(range.lowerBound)) to \(Unit.describe(range.upperBound))"
                report.add("\(what) is from \(bounds), not \(printable(text))", at: node)
                return nil
            }
            return value
        } catch {
            report.add("\(what): \(error.message)", at: node)
            return nil
        }
    }

    /// Expands `${NAME}`, which is the environment's value and an error if there is none, `${NAME:-text}`, which has a
    /// value for that case, and `$${`, which is `${` itself. A variable's value is not expanded again.
    func expand(_ text: String, at node: Node) -> String? {
        var result = ""
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[dollar...]
            if rest.hasPrefix("$${") {
                result += "${"
                rest = rest.dropFirst(3)
            } else if rest.hasPrefix("${") {
                guard let end = rest.firstIndex(of: "}") else {
                    report.add("\"${\" has no \"}\" after it; for the characters themselves write \"$${\"", at: node)
                    return nil
                }
                guard let value = variable(rest[rest.index(dollar, offsetBy: 2)..<end], at: node) else { return nil }
                result += value
                rest = rest[rest.index(after: end)...]
            } else {
                result += "$"
                rest = rest.dropFirst()
            }
        }
        return result + rest
    }

    private func variable(_ reference: Substring, at node: Node) -> String? {
        var name = reference
        var fallback: Substring?
        if let separator = reference.firstRange(of: ":-") {
            name = reference[..<separator.lowerBound]
            fallback = reference[separator.upperBound...]
        }
        let isName =
            !name.isEmpty && name.utf8.first.map { !(48...57).contains($0) } == true
            && name.utf8.allSatisfy {
                $0 == 95 || (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
            }
        guard isName else {
            report.add("\"${\(printable(String(reference)))}\" names no environment variable", at: node)
            return nil
        }
        if let value = report.variable(String(name)), !(value.isEmpty && fallback != nil) { return value }
        if let fallback { return String(fallback) }
        report.add(
            "the environment variable \(name) is not set: set it, or write ${\(name):-value}", at: node)
        return nil
    }
}
