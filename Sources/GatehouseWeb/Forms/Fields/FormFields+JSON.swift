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
        try JSONScan.check(json, leaves: limits?.fields)
        // The decoder's own error has parts of the body in it.
        guard let tree = try? JSONDecoder().decode(JSONTree.self, from: json), case .object = tree else {
            throw FormError(.malformed)
        }
        try append(tree, as: "", limits)
    }

    private mutating func append(_ tree: JSONTree, as name: String, _ limits: FormLimits?) throws(FormError) {
        // Checked for a name without a field as well, since it is copied for each of its members.
        if let limits, name.utf8.count > limits.nameBytes { throw FormError(.nameTooLong(limit: limits.nameBytes)) }
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

/// A look at the bytes of JSON before anything is made of them: a tree takes long to build, on an event loop.
private enum JSONScan {
    /// - Parameter leaves: The most texts, numbers, nulls and empty lists; `nil` for any number.
    static func check(_ json: Data, leaves: Int?) throws(FormError) {
        let limit = FormFields.deepestName
        // In a tree each leaf but the first has a comma before it, or before a list or an object that it is in.
        var depth = 0, commas = 0, isText = false, isEscaped = false
        for byte in json {
            // Not in UTF-8 (RFC 8259, section 8.1). The decoder reads UTF-16 and UTF-32, too, and these bytes tell it
            // so: what is read here would then not be what it reads.
            guard byte != 0, byte < 0xFE else { throw FormError(.malformed) }
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
                guard depth <= limit else { throw FormError(.tooDeep(limit: limit)) }
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            case UInt8(ascii: ","):
                commas += 1
                if let leaves, commas >= leaves { throw FormError(.tooManyFields(limit: leaves)) }
            default: break
            }
        }
    }
}
