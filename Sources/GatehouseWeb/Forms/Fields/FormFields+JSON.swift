package import FoundationEssentials

extension FormFields {
    /// The fields of a value, as a page shows them in a form to change it: an array's values share a name, a date is as
    /// `datetime-local` has it, in UTC.
    ///
    /// - Throws: What the value's `encode(to:)` throws, ``FormError`` if it is no object.
    public init(encoding value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(FormDate.text(date))
        }
        try self.init(json: try encoder.encode(value), limits: nil)
    }

    /// Reads an object of JSON.
    package init(json: Data, limits: FormLimits?) throws {
        self.init()
        guard !JSONDepth.isOver(Self.deepestName, in: json) else { throw FormError(.tooDeep(limit: Self.deepestName)) }
        // The decoder's own error has parts of the body in it.
        guard let tree = try? JSONDecoder().decode(JSONTree.self, from: json), case .object = tree else {
            throw FormError(.malformed)
        }
        try append(tree, as: "", limits)
    }

    private mutating func append(_ tree: JSONTree, as name: String, _ limits: FormLimits?) throws(FormError) {
        switch tree {
        case .null: break
        case .scalar(let text): try append(text, of: name, limits)
        case .array(let elements):
            let isPlain = elements.allSatisfy(\.isPlain)
            for (index, element) in elements.enumerated() {
                if isPlain {
                    try append(element.text, of: name, limits)
                } else {
                    try append(element, as: "\(name)[\(index)]", limits)
                }
            }
        case .object(let members):
            for (key, member) in members.sorted(by: { $0.key < $1.key }) {
                try append(member, as: name.isEmpty ? key : "\(name).\(key)", limits)
            }
        }
    }

    private mutating func append(_ text: String, of name: String, _ limits: FormLimits?) throws(FormError) {
        if let limits {
            guard fields.count < limits.fields else { throw FormError(.tooManyFields(limit: limits.fields)) }
            guard name.utf8.count <= limits.nameBytes else { throw FormError(.nameTooLong(limit: limits.nameBytes)) }
            guard text.utf8.count <= limits.valueBytes else { throw FormError(.valueTooLong(limit: limits.valueBytes)) }
            guard !name.utf8.contains(0), !text.utf8.contains(0) else { throw FormError(.nulCharacter) }
        }
        append(name, text)
    }
}

/// A document of JSON, its numbers as text.
private enum JSONTree: Decodable {
    case null
    case scalar(String)
    case array([JSONTree])
    case object([String: JSONTree])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let text = try? container.decode(String.self) {
            self = .scalar(text)
        } else if let object = try? container.decode([String: JSONTree].self) {
            self = .object(object)
        } else if let array = try? container.decode([JSONTree].self) {
            self = .array(array)
        } else if let truth = try? container.decode(Bool.self) {
            self = .scalar(truth ? "true" : "false")
        } else if let number = try? container.decode(Int64.self) {
            self = .scalar("\(number)")
        } else {
            self = .scalar("\(try container.decode(Decimal.self))")
        }
    }

    /// Whether it is one text or nothing.
    var isPlain: Bool {
        switch self {
        case .null, .scalar: true
        case .array, .object: false
        }
    }

    var text: String {
        if case .scalar(let text) = self { text } else { "" }
    }
}

/// The depth of JSON, looked at before anything goes down into it.
private enum JSONDepth {
    static func isOver(_ limit: Int, in json: Data) -> Bool {
        var depth = 0, isText = false, isEscaped = false
        for byte in json {
            if isText {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isText = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isText = true
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
                if depth > limit { return true }
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            default: break
            }
        }
        return false
    }
}
