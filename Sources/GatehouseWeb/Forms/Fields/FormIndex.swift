/// The names of a form, sorted by their bytes, so that a name, and all names that begin with `address.` or `items[`,
/// are found by halving. The names are never taken apart: how deep they go is looked at only where a type asks.
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

    /// Compares by bytes, of the first name no more than some. Swift's own comparison takes two texts for one that
    /// differ in their bytes.
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
