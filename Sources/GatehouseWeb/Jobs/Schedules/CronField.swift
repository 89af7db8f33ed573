/// One of the five fields of a cron expression.
struct CronField: Sendable {
    let name: String
    let range: ClosedRange<Int>
    /// Names of values, the first for the range's first value.
    var names: [String] = []

    static let minute = CronField(name: "minute", range: 0...59)
    static let hour = CronField(name: "hour", range: 0...23)
    static let day = CronField(name: "day of the month", range: 1...31)
    static let month = CronField(
        name: "month", range: 1...12,
        names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])
    static let weekday = CronField(
        name: "day of the week", range: 0...7, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"])

    /// The field's values, a bit for each.
    func values(_ text: Substring, of expression: String) throws(CronError) -> UInt64 {
        var bits: UInt64 = 0
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let (values, step) = try range(part, expression)
            for value in stride(from: values.lowerBound, through: values.upperBound, by: step) {
                bits |= 1 << UInt64(value)
            }
        }
        return bits
    }

    private func range(_ part: Substring, _ expression: String) throws(CronError) -> (ClosedRange<Int>, Int) {
        let pieces = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        var step = 1
        if pieces.count == 2 {
            guard let number = Self.number(pieces[1]), number >= 1 else {
                throw fault("the step \"\(pieces[1])\" is not a whole number from 1 to 9999", expression)
            }
            step = number
        }
        if pieces[0] == "*" { return (range, step) }
        let ends = pieces[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let first = try value(ends[0], expression)
        guard ends.count == 2 else { return (first...(pieces.count == 2 ? range.upperBound : first), step) }
        var last = try value(ends[1], expression)
        // fri-sun ends with the other Sunday.
        if self.name == Self.weekday.name, last == 0, first > 0 { last = 7 }
        guard first <= last else {
            throw fault("the range \"\(pieces[0])\" ends before it begins: write two, with a comma", expression)
        }
        return (first...last, step)
    }

    private func value(_ text: Substring, _ expression: String) throws(CronError) -> Int {
        let word = text.lowercased()
        if let index = names.firstIndex(of: word) { return range.lowerBound + index }
        guard let number = Self.number(text), range.contains(number) else {
            let known = names.isEmpty ? "" : " or \(names[0]) to \(names[names.count - 1])"
            throw fault("\"\(text)\" is not from \(range.lowerBound) to \(range.upperBound)\(known)", expression)
        }
        return number
    }

    private static func number(_ text: Substring) -> Int? {
        guard (1...4).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(text)
    }

    private func fault(_ text: String, _ expression: String) -> CronError {
        CronError("the \(name) of \"\(expression)\": \(text)")
    }
}
