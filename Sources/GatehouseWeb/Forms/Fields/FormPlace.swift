/// A place in a form that a type asks for: a name such as `items[3].name`, or one of the fields that share a name.
struct FormPlace {
    /// The name; empty for the form as a whole.
    var name = ""
    /// The levels of the name.
    var depth = 0
    /// The position of a field, if the place is that field and no other of its name.
    var position: Int?

    /// The place of a member.
    func member(_ key: String) -> FormPlace {
        FormPlace(name: name.isEmpty ? key : "\(name).\(key)", depth: depth + 1)
    }
}

extension FormIndex {
    /// Whether there is anything at a place or below it.
    func isPresent(_ place: FormPlace) -> Bool {
        if place.position != nil || place.name.isEmpty { return true }
        return !positions(of: place.name).isEmpty || !positions(beginningWith: place.name + ".").isEmpty
            || !positions(beginningWith: place.name + "[").isEmpty
    }

    /// Whether nothing was typed at a place nor below it.
    func isBlank(_ place: FormPlace) -> Bool {
        if let position = place.position { return isBlank(position) }
        return positions(of: place.name).allSatisfy(isBlank)
            && positions(beginningWith: place.name + ".").allSatisfy(isBlank)
            && positions(beginningWith: place.name + "[").allSatisfy(isBlank)
    }

    /// The text at a place: of several with its name the last.
    func text(_ place: FormPlace) -> String? {
        if let position = place.position { return text(position) }
        return positions(of: place.name).last { attachment($0) == nil }.flatMap(text)
    }

    /// The position of the attachment at a place: of several with its name the last that stands for something.
    func attachmentPosition(_ place: FormPlace) -> Int? {
        let positions = place.position.map { [$0] } ?? positions(of: place.name)
        return positions.last { attachment($0) != nil && !isBlank($0) }
    }

    /// The elements at a place: those that repeat its name, with or without `[]` behind, in the form's order; then
    /// those with an index, in the order of the indices. Indices can have gaps, which are closed.
    func elements(_ place: FormPlace, keepsBlank: Bool) -> [FormPlace] {
        if let position = place.position {
            return [FormPlace(name: place.name, depth: place.depth + 1, position: position)]
        }
        let repeated = (positions(of: place.name) + positions(of: place.name + "[]")).sorted()
        var elements = repeated.map { FormPlace(name: place.name, depth: place.depth + 1, position: $0) }
        elements += indices(place.name + "[").map {
            FormPlace(name: "\(place.name)[\($0)]", depth: place.depth + 1)
        }
        if !keepsBlank { elements.removeAll(where: isBlank) }
        return elements
    }

    /// The indices that follow a text. An index is written as Swift writes it, in at most nine digits; anything else
    /// between the brackets is part of a name that nobody asks for.
    private func indices(_ text: String) -> [Int] {
        var indices: [Int] = []
        for position in positions(beginningWith: text) {
            var number = 0, digits = 0
            var rest = name(position).utf8.dropFirst(text.utf8.count)
            while let byte = rest.first, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte, digits < 10 {
                number = number * 10 + Int(byte - UInt8(ascii: "0"))
                digits += 1
                rest.removeFirst()
            }
            guard rest.first == UInt8(ascii: "]"), 1...9 ~= digits, digits == 1 || number >= Self.power(digits) else {
                continue
            }
            let next = rest.dropFirst().first
            guard next == nil || next == UInt8(ascii: ".") || next == UInt8(ascii: "[") else { continue }
            // The names of one index stand together.
            if indices.last != number { indices.append(number) }
        }
        return indices.sorted()
    }

    /// The smallest number of so many digits.
    private static func power(_ digits: Int) -> Int { (1..<digits).reduce(1) { power, _ in power * 10 } }

    /// The names of a place's members, each once.
    func members(_ place: FormPlace) -> [String] {
        let prefix = place.name.isEmpty ? "" : place.name + "."
        var seen: Set<String> = [], members: [String] = []
        for position in positions(beginningWith: prefix) {
            let rest = name(position).utf8.dropFirst(prefix.utf8.count)
            let member = rest.prefix { $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "[") }
            let name = String(Substring(member))
            if !name.isEmpty, seen.insert(name).inserted { members.append(name) }
        }
        return members
    }
}
