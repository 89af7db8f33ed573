internal import GatehousePlan

/// Rows of text with aligned columns, two spaces between them.
struct TextTable {
    struct Column {
        var title: String
        var isNumeric: Bool

        static func text(_ title: String) -> Column { Column(title: title, isNumeric: false) }
        static func number(_ title: String) -> Column { Column(title: title, isNumeric: true) }
    }

    let columns: [Column]
    private(set) var rows: [[String]] = []

    init(_ columns: [Column]) { self.columns = columns }

    /// A cell for each column.
    mutating func add(_ cells: [String]) { rows.append(cells.map { $0.printable() }) }

    /// The titles and the rows; numbers are aligned to the right.
    var lines: [String] {
        let all = [columns.map(\.title)] + rows
        let widths = columns.indices.map { index in all.map { $0[index].count }.max() ?? 0 }
        return all.map { row in
            var line = ""
            for (index, column) in columns.enumerated() {
                let padding = String(repeating: " ", count: widths[index] - row[index].count)
                if index > 0 { line += "  " }
                // No padding after the last text, or lines would end with spaces.
                let isLast = index == columns.count - 1
                line += column.isNumeric ? padding + row[index] : isLast ? row[index] : row[index] + padding
            }
            return line
        }
    }
}
