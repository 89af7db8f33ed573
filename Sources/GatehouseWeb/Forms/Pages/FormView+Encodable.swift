extension FormView: Encodable {
    /// An object for a template: `fields`, `errors` of the form as a whole, `isInvalid`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: FormKey.self)
        try container.encode(tree(), forKey: FormKey(stringValue: "fields"))
        try container.encode(generalErrors, forKey: FormKey(stringValue: "errors"))
        try container.encode(!errors.isEmpty, forKey: FormKey(stringValue: "isInvalid"))
    }

    /// The fields by their steps: all that the form reads, whether they were sent or not, and no others.
    private func tree() -> Node {
        let root = Node()
        func add(_ name: String) {
            FormPath(name).steps.reduce(root) { node, step in node.child(step) }.field = field(name)
        }
        // By the pattern of a row, what follows it in the names of its members.
        var members: [String: [String]] = [:]
        for pattern in patterns {
            if let bracket = pattern.lastIndex(of: "]") {
                let end = pattern.index(after: bracket)
                members[String(pattern[..<end]), default: []].append(String(pattern[end...]))
            } else {
                add(pattern)
            }
        }
        var rows: Set<String> = []
        for name in values.keys.sorted() + errors.fields {
            for row in FormPath(name).rows where rows.insert(row).inserted {
                members[FormPath(row).pattern]?.forEach { add(row + $0) }
            }
        }
        return root
    }

    /// A field, a group of fields, or rows of them.
    private final class Node: Encodable {
        var field: FormField?
        private var members: [String: Node] = [:]
        private var rows: [Int: Node] = [:]

        func child(_ step: FormPath.Step) -> Node {
            let node: Node
            switch step {
            case .member(let name):
                node = members[name] ?? Node()
                members[name] = node
            case .index(let index):
                node = rows[index] ?? Node()
                rows[index] = node
            }
            return node
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: FormKey.self)
            if let field { try field.encode(to: &container) }
            // A list of no rows is a list: a template repeats its section for none.
            if field != nil || !rows.isEmpty {
                let sorted = rows.sorted { $0.key < $1.key }.map(\.value)
                try container.encode(sorted, forKey: FormKey(stringValue: "rows"))
            }
            for (name, node) in members.sorted(by: { $0.key < $1.key }) {
                try container.encode(node, forKey: FormKey(stringValue: name))
            }
        }
    }
}

extension FormField: Encodable {
    /// An object with `name`, `id`, `value`, `values`, `isTicked`, `isRequired`, `isInvalid`, `error` and `errors`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: FormKey.self)
        try encode(to: &container)
    }

    fileprivate func encode(to container: inout KeyedEncodingContainer<FormKey>) throws {
        try container.encode(name, forKey: FormKey(stringValue: "name"))
        try container.encode(id, forKey: FormKey(stringValue: "id"))
        try container.encode(value, forKey: FormKey(stringValue: "value"))
        try container.encode(values, forKey: FormKey(stringValue: "values"))
        try container.encode(isTicked, forKey: FormKey(stringValue: "isTicked"))
        try container.encode(isRequired, forKey: FormKey(stringValue: "isRequired"))
        try container.encode(isInvalid, forKey: FormKey(stringValue: "isInvalid"))
        try container.encode(error, forKey: FormKey(stringValue: "error"))
        try container.encode(errors, forKey: FormKey(stringValue: "errors"))
    }
}
