/// Finds the name that an author may have meant.
enum Spelling {
    /// The most names that are compared, and the most bytes of each.
    private static let (mostNames, mostBytes) = (500, 64)

    /// The nearest of some names, if it is near: a third of its letters may differ.
    static func nearest(to name: String, among names: some Sequence<String>) -> String? {
        guard name.utf8.count <= mostBytes else { return nil }
        var best: (name: String, distance: Int)?
        for other in names.prefix(mostNames) where other.utf8.count <= mostBytes {
            let distance = distance(Array(name.lowercased().utf8), Array(other.lowercased().utf8))
            let known = best?.distance ?? .max
            if distance < known || (distance == known && other < best?.name ?? "") { best = (other, distance) }
        }
        guard let best, best.distance <= max(1, name.utf8.count / 3), best.distance < name.utf8.count else {
            return nil
        }
        return best.name
    }

    /// The least count of letters to insert, delete, replace or exchange with their neighbour.
    private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
        var before: [Int] = []
        var last = Array(0...other.count)
        for (row, letter) in one.enumerated() {
            var current = [row + 1]
            for (column, otherLetter) in other.enumerated() {
                let replaced = last[column] + (letter == otherLetter ? 0 : 1)
                var cost = min(last[column + 1] + 1, current[column] + 1, replaced)
                if row > 0, column > 0, letter == other[column - 1], one[row - 1] == otherLetter {
                    cost = min(cost, before[column - 1] + 1)
                }
                current.append(cost)
            }
            (before, last) = (last, current)
        }
        return last[other.count]
    }
}
