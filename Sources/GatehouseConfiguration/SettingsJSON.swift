internal import Yams

/// Converts a module's settings to JSON: the author decodes them with Codable and never sees YAML.
///
/// A scalar's type is that of YAML 1.2's core schema (section 10.3.2), so that `no` is a text and not false; a quoted
/// scalar is always a text.
struct SettingsJSON {
    let report: ProblemReport

    /// Aliases can make a small file mean an enormous text.
    private static let longestText = 1 << 20

    func text(_ node: Node) -> String {
        guard node.mapping != nil else {
            report.add("\"settings\" is a mapping, not \(node.kind)", at: node)
            return "{}"
        }
        var output = ""
        write(node, to: &output)
        if output.utf8.count > Self.longestText {
            report.add("the settings have more than \(Self.longestText) bytes", at: node)
            return "{}"
        }
        return output
    }

    private func write(_ node: Node, to output: inout String) {
        guard output.utf8.count <= Self.longestText else { return }
        switch node {
        case .scalar(let scalar): output += value(scalar, node)
        case .sequence(let sequence):
            output += "["
            for (index, element) in sequence.enumerated() {
                if index > 0 { output += "," }
                write(element, to: &output)
            }
            output += "]"
        case .mapping(let mapping):
            output += "{"
            for (index, pair) in mapping.enumerated() {
                if index > 0 { output += "," }
                guard let key = pair.key.scalar else {
                    report.add("a key is a word, not \(pair.key.kind)", at: pair.key)
                    continue
                }
                output += Self.quote(key.string) + ":"
                write(pair.value, to: &output)
            }
            output += "}"
        case .alias:
            report.add("this alias names no anchor", at: node)
        }
    }

    private func value(_ scalar: Node.Scalar, _ node: Node) -> String {
        let reader = ScalarReader(report: report)
        guard let expanded = reader.expand(scalar.string, at: node, canBeSecret: true) else { return "null" }
        let text = expanded.text
        switch scalar.tag.rawValue {
        case "", "!", "tag:yaml.org,2002:null", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:int",
            "tag:yaml.org,2002:float":
            return scalar.style == .plain && !expanded.isSecret
                ? Self.plain(text) ?? Self.quote(text) : Self.quote(text)
        case "tag:yaml.org,2002:str":
            return Self.quote(text)
        default:
            report.add("the tag \(printable(scalar.tag.rawValue)) has no meaning here", at: node)
            return "null"
        }
    }

    /// The JSON of a scalar without quotes; `nil` if it is a text.
    private static func plain(_ text: String) -> String? {
        switch text {
        case "", "~", "null", "Null", "NULL": return "null"
        case "true", "True", "TRUE": return "true"
        case "false", "False", "FALSE": return "false"
        default: break
        }
        let negative = text.hasPrefix("-")
        let unsigned = negative || text.hasPrefix("+") ? text.dropFirst() : text[...]
        for (prefix, radix) in [("0x", 16), ("0o", 8)] where text.hasPrefix(prefix) {
            let digits = text.dropFirst(2)
            return digits.first == "-" || digits.first == "+" ? nil : Int(digits, radix: radix).map(String.init)
        }
        return number(unsigned).map { (negative ? "-" : "") + $0 }
    }

    /// A decimal number as JSON writes it (RFC 8259, section 6): no leading zeros, digits on both sides of the point.
    private static func number(_ text: Substring) -> String? {
        func isDigit(_ character: Character) -> Bool { ("0"..."9").contains(character) && character.isASCII }
        let whole = text.prefix(while: isDigit)
        var rest = text[whole.endIndex...]
        var fraction: Substring?
        if rest.first == "." {
            fraction = rest.dropFirst().prefix(while: isDigit)
            rest = rest[(fraction?.endIndex ?? rest.endIndex)...]
        }
        guard !whole.isEmpty || fraction?.isEmpty == false else { return nil }
        var exponent = ""
        if let letter = rest.first, letter == "e" || letter == "E" {
            var digits = rest.dropFirst()
            let sign = digits.first.flatMap { $0 == "-" || $0 == "+" ? $0 : nil }
            if sign != nil { digits = digits.dropFirst() }
            guard !digits.isEmpty, digits.allSatisfy(isDigit) else { return nil }
            exponent = "e" + (sign == "-" ? "-" : "") + digits
            rest = rest[rest.endIndex...]
        }
        guard rest.isEmpty else { return nil }
        let significant = whole.drop { $0 == "0" }
        let fractionText = fraction.map { $0.isEmpty ? ".0" : "." + $0 } ?? ""
        return (significant.isEmpty ? "0" : String(significant)) + fractionText + exponent
    }

    private static func quote(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
