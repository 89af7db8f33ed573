internal import CGatehouseSystem
internal import Glibc

/// A function's name for people.
enum FunctionName {
    /// The demangler would make megabytes of a malicious name.
    private static let longestSymbol = 2_000
    private static let longest = 300

    static func readable(_ symbol: String) -> String {
        guard symbol.utf8.count <= longestSymbol, let text = gatehouse_demangle(symbol, symbol.utf8.count) else {
            return String(symbol.prefix(longest))
        }
        defer { free(text) }
        return String(short(String(cString: text)).prefix(longest))
    }

    /// Shortens a demangled name to `closure #2 in Blog.routes(_:)`: without types, and without the compiler's variants
    /// of a function. A specialised copy, or the part after an `await`, is that function to its author.
    static func short(_ name: String) -> String {
        let name = withoutParts(name[...])
        guard let closure = name.firstRange(of: "closure #"), name[..<closure.lowerBound].allSatisfy({ $0 != "." })
        else {
            return signature(name)
        }
        let number = name[..<closure.upperBound] + name[closure.upperBound...].prefix { $0.isNumber }
        guard let context = context(name[closure.upperBound...]) else { return String(number) }
        return number + " in " + short(String(context))
    }

    /// `(3) suspend resume partial function for f`, `generic specialization <Int> of f`, `merged f`
    private static func withoutParts(_ name: Substring) -> Substring {
        for part in ["suspend resume partial function for ", "await resume partial function for "] {
            guard let found = name.firstRange(of: part),
                name[..<found.lowerBound].allSatisfy({ "()0123456789 ".contains($0) })
            else { continue }
            return withoutParts(name[found.upperBound...])
        }
        if name.hasPrefix("merged ") { return withoutParts(name.dropFirst(7)) }
        // The text in the brackets can be another function's name, with brackets of its own.
        guard let word = name.firstRange(of: "specialization <"),
            name[..<word.lowerBound].allSatisfy({ $0.isLetter || $0 == " " || $0 == "-" }),
            let end = name.ranges(of: "> of ").last
        else { return name }
        return withoutParts(name[end.upperBound...])
    }

    /// The index after a group that begins with a bracket.
    private static func end(ofGroup text: Substring) -> Substring.Index? {
        var depth = 0
        var previous: Character = " "
        for index in text.indices {
            switch text[index] {
            case "<", "(", "[": depth += 1
            case ">" where previous == "-": break  // An arrow.
            case ">", ")", "]":
                depth -= 1
                if depth == 0 { return text.index(after: index) }
            default: break
            }
            previous = text[index]
        }
        return nil
    }

    /// The text after an " in " that is in no bracket.
    private static func context(_ text: Substring) -> Substring? {
        var rest = text
        while let first = rest.first {
            if rest.hasPrefix(" in ") { return rest.dropFirst(4) }
            if "<([".contains(first), let end = end(ofGroup: rest) {
                rest = rest[end...]
            } else {
                rest = rest.dropFirst()
            }
        }
        return nil
    }

    /// Makes `static Post.make(title:)` of `static Blog.Post.make(title: Swift.String) -> Blog.Post`: without the
    /// module, the types, and the result.
    private static func signature(_ name: Substring) -> String {
        var result = ""
        var rest = name
        if rest.hasPrefix("(extension in "), let end = end(ofGroup: rest) { rest = rest[end...].drop { $0 == ":" } }
        while let first = rest.first {
            if first == "<" || first == "[", let end = end(ofGroup: rest) {
                rest = rest[end...]
            } else if first == "(", !result.isEmpty, let end = end(ofGroup: rest) {
                result += labels(rest[rest.index(after: rest.startIndex)..<rest.index(before: end)])
                break
            } else if rest.hasPrefix(" : ") || rest.hasPrefix(" -> ") {
                break
            } else {
                result.append(first)
                rest = rest.dropFirst()
            }
        }
        var words = result.split(separator: " ").map(String.init)
        guard let path = words.popLast() else { return String(name) }
        let parts = path.prefix { $0 != "(" }.split(separator: ".")
        words.append(parts.count > 1 ? String(path.dropFirst(parts[0].count + 1)) : path)
        return words.joined(separator: " ")
    }

    /// Makes `(title:_:)` of `title: Swift.String, Swift.Int`.
    private static func labels(_ arguments: Substring) -> String {
        var result = ""
        var rest = arguments
        while !rest.isEmpty {
            let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            result += rest[word.endIndex...].hasPrefix(": ") ? word + ":" : "_:"
            while let first = rest.first, first != "," {
                if "<([".contains(first), let end = end(ofGroup: rest) {
                    rest = rest[end...]
                } else {
                    rest = rest.dropFirst()
                }
            }
            rest = rest.dropFirst(2)
        }
        return "(\(result))"
    }
}
