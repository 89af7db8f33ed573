/// Numbers as people write them.
enum ViewNumber {
    /// A number with its thousands apart, rounded to some decimals; `nil` decimals: as many as it has, at most 3.
    static func text(_ value: ViewValue, decimals: Int?, _ language: ViewLanguage, or number: Double) -> String {
        if case .int(let whole) = value, (decimals ?? 0) <= 0 {
            return (whole < 0 ? "-" : "") + grouped(String(whole.magnitude), language)
        }
        return text(number, decimals: decimals, language)
    }

    private static func text(_ number: Double, decimals: Int?, _ language: ViewLanguage) -> String {
        let places = min(max(decimals ?? 3, 0), 9)
        var power = 1.0
        for _ in 0..<places { power *= 10 }
        let scaled = (abs(number) * power).rounded(.toNearestOrAwayFromZero)
        // Beyond 2^53 a double has no decimals that mean anything.
        guard scaled.isFinite, scaled < 9e15 else { return "\(number)" }
        var digits = String(Int(scaled))
        digits = String(repeating: "0", count: max(0, places + 1 - digits.utf8.count)) + digits
        var fraction = digits.suffix(places)
        if decimals == nil { while fraction.last == "0" { fraction.removeLast() } }
        let whole = grouped(String(digits.dropLast(places)), language)
        return (number < 0 && scaled > 0 ? "-" : "") + whole
            + (fraction.isEmpty ? "" : language.decimalMark + fraction)
    }

    private static func grouped(_ digits: String, _ language: ViewLanguage) -> String {
        guard digits.utf8.count > 3 else { return digits }
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.utf8.count - index) % 3 == 0 { text += language.groupMark }
            text.append(digit)
        }
        return text
    }

    /// A size: `512 B`, `1.5 KB`, in units of 1,000.
    static func bytes(_ count: Double, _ language: ViewLanguage) -> String {
        var (rest, unit) = (count, 0)
        let units = ["B", "KB", "MB", "GB", "TB", "PB"]
        while abs(rest) >= 999.95, unit + 1 < units.count {
            rest /= 1_000
            unit += 1
        }
        let isWhole = unit == 0 || abs(rest) >= 99.95
        let rounded = isWhole ? rest.rounded() : (rest * 10).rounded() / 10
        return "\(text(rounded, decimals: nil, language)) \(units[unit])"
    }
}
