internal import GatehousePlan
internal import Yams

/// Reads single values: expands references, checks the type, reports faults.
struct ScalarReader {
    let report: ProblemReport

    /// The text of a scalar, expanded; `nil`, reported, if the node is none.
    /// - Parameter canBeSecret: whether credentials may be in it, because it is not shown anywhere.
    func text(_ node: Node, _ what: String, canBeSecret: Bool = false) -> String? {
        guard let scalar = node.scalar else {
            report.add("\(what) is a text, not \(node.kind)", at: node)
            return nil
        }
        return expand(scalar.string, at: node, canBeSecret: canBeSecret)?.text
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
        node.scalar.map { expand($0.string, at: node)?.text == "off" } ?? false
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
}
