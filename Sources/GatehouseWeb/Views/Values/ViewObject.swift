/// Values with names, in the order in which they were given. It never changes, so that copies of it cost nothing.
public final class ViewObject: Sendable, Equatable {
    /// The count from which on names are looked up by hash. Comparing a few short names is quicker.
    private static let few = 12

    /// The names, each once.
    public let names: [String]
    /// The values, in the order of the names.
    public let values: [ViewValue]
    private let places: [String: Int]?

    /// Makes an object; for a name that stands twice, the last value is taken.
    public convenience init(_ elements: [(String, ViewValue)]) {
        self.init(names: elements.map(\.0), values: elements.map(\.1))
    }

    /// - Parameter values: as many as there are names.
    init(names: [String], values: [ViewValue]) {
        guard !Self.isPlain(names) else {
            self.names = names
            self.values = values
            places = nil
            return
        }
        var unique: [String] = []
        var kept: [ViewValue] = []
        var places: [String: Int] = [:]
        for (name, value) in zip(names, values) {
            if let place = places[name] {
                kept[place] = value
            } else {
                places[name] = unique.count
                unique.append(name)
                kept.append(value)
            }
        }
        self.names = unique
        self.values = kept
        self.places = unique.count > Self.few ? places : nil
    }

    /// Whether there are few names, and none stands twice.
    private static func isPlain(_ names: [String]) -> Bool {
        guard names.count <= few else { return false }
        for (index, name) in names.enumerated() {
            for other in names[(index + 1)...] where other == name { return false }
        }
        return true
    }

    /// The value under a name; `nil` if there is no such name.
    public subscript(name: String) -> ViewValue? {
        if let places { return places[name].map { values[$0] } }
        for index in names.indices where names[index] == name { return values[index] }
        return nil
    }

    /// Whether two objects have the same names and values, in the same order.
    public static func == (one: ViewObject, other: ViewObject) -> Bool {
        one === other || (one.names == other.names && one.values == other.values)
    }
}
