/// Values with names, in the order in which they were given. It never changes, so that copies of it cost nothing.
public final class ViewObject: Sendable, Equatable {
    /// The names, which the rows of a list share.
    let shape: ViewShape
    /// The values, in the order of the names.
    public let values: [ViewValue]

    /// The names, each once.
    public var names: [String] { shape.names }

    /// Makes an object; for a name that stands twice, the last value is taken.
    public init(_ elements: [(String, ViewValue)]) {
        let shape = ViewShape(elements.map(\.0))
        self.shape = shape
        values = shape.values(elements.map(\.1))
    }

    /// - Parameter values: one for each name of the shape.
    init(shape: ViewShape, values: [ViewValue]) {
        self.shape = shape
        self.values = values
    }

    /// The value under a name; `nil` if there is no such name.
    public subscript(name: String) -> ViewValue? {
        guard let place = shape.place(of: name), place < values.count else { return nil }
        return values[place]
    }

    /// Whether two objects have the same names and values, in the same order.
    public static func == (one: ViewObject, other: ViewObject) -> Bool {
        one === other || (one.names == other.names && one.values == other.values)
    }
}

/// The names of an object, each once.
final class ViewShape: Sendable {
    /// The count from which on names are looked up by hash. Comparing a few short names is quicker.
    private static let few = 12

    let names: [String]
    private let places: [String: Int]?
    /// The place of each name that was given, if one of them stands twice.
    private let given: [Int]?

    static let empty = ViewShape([])

    init(_ names: [String]) {
        guard !Self.isPlain(names) else {
            self.names = names
            places = nil
            given = nil
            return
        }
        var unique: [String] = []
        var places: [String: Int] = [:]
        let given = names.map { name in
            if let place = places[name] { return place }
            places[name] = unique.count
            unique.append(name)
            return unique.count - 1
        }
        self.names = unique
        self.places = unique.count > Self.few ? places : nil
        self.given = unique.count < names.count ? given : nil
    }

    /// Whether there are few names, and none stands twice.
    private static func isPlain(_ names: [String]) -> Bool {
        guard names.count <= few else { return false }
        for (index, name) in names.enumerated() {
            for other in names[(index + 1)...] where other == name { return false }
        }
        return true
    }

    /// The values in the order of ``names``, from those in the order of the names that were given.
    func values(_ all: [ViewValue]) -> [ViewValue] {
        guard let given else { return all }
        var values = Array(repeating: ViewValue.null, count: names.count)
        for (place, value) in zip(given, all) { values[place] = value }
        return values
    }

    func place(of name: String) -> Int? {
        if let places { return places[name] }
        return names.withUnsafeBufferPointer { names in
            for index in names.indices where names[index] == name { return index }
            return nil
        }
    }
}
