/// The names of a form, sorted by their bytes, so that a name, and all names that begin with `address.` or `items[`, are
/// found by halving. The names are never taken apart: how deep they go is looked at only where a type asks.
struct FormIndex {
    private let fields: [FormFields.Field]
    private let attachments: [(name: String, value: any FormAttachment)]
    /// Positions, fields first and attachments after them, sorted by name and then by position.
    private let order: [Int]
    /// By position, whether there is nothing but white space.
    private let blank: [Bool]

    init(_ form: FormFields) {
        let fields = form.fields, attachments = form.attachments
        self.fields = fields
        self.attachments = attachments
        blank = fields.map { FormText.isBlank($0.value) } + attachments.map(\.value.isEmpty)
        func name(_ position: Int) -> String {
            position < fields.count ? fields[position].name : attachments[position - fields.count].name
        }
        order = (0..<(fields.count + attachments.count)).sorted { first, second in
            let comparison = Self.compare(name(first), name(second))
            return comparison == 0 ? first < second : comparison < 0
        }
    }

    func name(_ position: Int) -> String {
        position < fields.count ? fields[position].name : attachments[position - fields.count].name
    }

    func text(_ position: Int) -> String? { position < fields.count ? fields[position].value : nil }

    func attachment(_ position: Int) -> (any FormAttachment)? {
        position < fields.count ? nil : attachments[position - fields.count].value
    }

    func isBlank(_ position: Int) -> Bool { blank[position] }

    /// The positions with a name, in the form's order.
    func positions(of name: String) -> ArraySlice<Int> {
        let start = firstIndex { Self.compare($0, name) >= 0 }
        guard start < order.count, Self.compare(self.name(order[start]), name) == 0 else { return [] }
        return order[start..<firstIndex { Self.compare($0, name) > 0 }]
    }

    /// The positions whose names begin with a text, sorted by name.
    func positions(beginningWith text: String) -> ArraySlice<Int> {
        guard !text.isEmpty else { return order[...] }
        let start = firstIndex { Self.compare($0, text) >= 0 }
        let length = text.utf8.count
        guard start < order.count, Self.compare(name(order[start]), text, first: length) == 0 else { return [] }
        return order[start..<firstIndex { Self.compare($0, text, first: length) > 0 }]
    }

    /// The first index of the order whose name is beyond a border.
    private func firstIndex(_ isBeyond: (String) -> Bool) -> Int {
        var low = 0, high = order.count
        while low < high {
            let middle = (low + high) / 2
            if isBeyond(name(order[middle])) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// Compares by bytes, of the first name no more than some. Swift's own comparison takes two texts for one that differ
    /// in their bytes.
    private static func compare(_ first: String, _ second: String, first length: Int = .max) -> Int {
        withBytes(first) { first in
            withBytes(second) { second in
                let firstCount = min(first.count, length)
                for index in 0..<min(firstCount, second.count) where first[index] != second[index] {
                    return first[index] < second[index] ? -1 : 1
                }
                return firstCount - second.count
            }
        }
    }

    private static func withBytes(_ text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Int) -> Int {
        if let result = text.utf8.withContiguousStorageIfAvailable(body) { return result }
        var text = text
        return text.withUTF8(body)
    }
}

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
        if let position = place.position { return blank[position] }
        return positions(of: place.name).allSatisfy(isBlank)
            && positions(beginningWith: place.name + ".").allSatisfy(isBlank)
            && positions(beginningWith: place.name + "[").allSatisfy(isBlank)
    }

    /// The text at a place: of several with its name the last.
    func text(_ place: FormPlace) -> String? {
        if let position = place.position { return text(position) }
        return positions(of: place.name).last { $0 < fields.count }.flatMap(text)
    }

    /// The elements at a place: those that repeat its name, with or without `[]` behind, in the form's order; then those
    /// with an index, in the order of the indices. Indices can have gaps, which are closed.
    func elements(_ place: FormPlace, keepsBlank: Bool) -> [FormPlace] {
        if place.position != nil { return [place] }
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
