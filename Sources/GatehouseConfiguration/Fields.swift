internal import GatehousePlan
internal import Yams

/// The keys and values of one mapping; unknown keys are reported on the way.
struct Fields {
    private var values: [String: Node] = [:]
    private var keys: [String: Node] = [:]

    /// `nil`, reported, if the node is no mapping.
    /// - Parameter what: the subject of the mapping, for messages: `a pool`.
    init?(_ node: Node, what: String, keys: [String], report: ProblemReport) {
        guard let mapping = node.mapping else {
            report.add("\(what) is a mapping with keys such as \"\(keys[0])\", not \(node.kind)", at: node)
            return nil
        }
        for (key, value) in mapping {
            guard let name = key.scalar?.string else {
                report.add("a key is a word, not \(key.kind)", at: key)
                continue
            }
            if keys.contains(name) {
                values[name] = value
                self.keys[name] = key
            } else if let near = NearestName.find(name, among: keys) {
                report.add("unknown key \"\(printable(name))\" (did you mean \"\(near)\"?)", at: key)
            } else {
                report.add(
                    "unknown key \"\(printable(name))\"; \(what) has "
                        + keys.map { "\"\($0)\"" }.joined(separator: ", "), at: key)
            }
        }
    }

    subscript(_ key: String) -> Node? { values[key] }

    /// The node of a key itself, for the message that the key is not allowed; `nil` if the key is absent.
    func key(_ name: String) -> Node? { keys[name] }
}

extension Node {
    /// A noun for the node, for a message.
    var kind: String {
        switch self {
        case .scalar(let scalar) where scalar.style == .plain && scalar.string.isEmpty: "nothing"
        case .scalar(let scalar): "\"\(printable(scalar.string))\""
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }
}

/// A text from the file, short and printable.
func printable(_ text: String, atMost limit: Int = 60) -> String {
    text.printable(atMost: limit)
}
