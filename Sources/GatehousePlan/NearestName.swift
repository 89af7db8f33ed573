/// Finds the name that a misspelled one was probably meant to be.
package enum NearestName {
    /// The name nearest to `word`; `nil` if none is near enough to be a misspelling.
    package static func find(_ word: String, among names: [String]) -> String? {
        let limit = max(1, min(3, word.count / 2))
        return names.map { (name: $0, distance: distance(Array(word.lowercased()), Array($0))) }
            .filter { $0.distance <= limit }
            .min { $0.distance < $1.distance }?.name
    }

    /// The number of letters to insert, remove or replace, or pairs of neighbours to swap, to get from one word to the
    /// other (optimal string alignment).
    private static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var rows = [[Int]](repeating: [Int](repeating: 0, count: b.count + 1), count: a.count + 1)
        for i in 0...a.count { rows[i][0] = i }
        for j in 0...b.count { rows[0][j] = j }
        for i in a.indices {
            for j in b.indices {
                let replaced = rows[i][j] + (a[i] == b[j] ? 0 : 1)
                rows[i + 1][j + 1] = min(replaced, rows[i][j + 1] + 1, rows[i + 1][j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    rows[i + 1][j + 1] = min(rows[i + 1][j + 1], rows[i - 1][j - 1] + 1)
                }
            }
        }
        return rows[a.count][b.count]
    }
}
