/// A number with a unit, as configurations have it.
package protocol QuantityUnit {
    /// Whether 0 is a value of its own, outside every range: a limit that is switched off.
    static var canBeOff: Bool { get }
    static func parse(_ text: String) throws(MalformedQuantity) -> Int
    static func describe(_ value: Int) -> String
}

package struct MalformedQuantity: Error, Equatable {
    package var message: String
}

/// `30s`, `500ms`, `5m`, `2h`, `off`, in milliseconds.
package enum Milliseconds: QuantityUnit {
    package static let canBeOff = true
    private static let units: [(name: String, factor: Int)] = [
        ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000),
    ]
    /// The same and longer ones, written out.
    private static let words: [(name: String, factor: Int)] = [
        ("second", 1_000), ("seconds", 1_000), ("minute", 60_000), ("minutes", 60_000), ("hour", 3_600_000),
        ("hours", 3_600_000), ("d", 86_400_000), ("day", 86_400_000), ("days", 86_400_000),
    ]

    package static func parse(_ text: String) throws(MalformedQuantity) -> Int {
        if text == "off" { return 0 }
        let value = try parseQuantity(text, units, words, example: "30s, 500ms, 5m or off")
        guard value > 0 else {
            throw MalformedQuantity(
                message: "\"\(text.printable(atMost: 60))\" is not a time; to switch it off, write off")
        }
        return value
    }

    /// A time of a module's settings, which can be zero and is never off.
    package static func parseTime(_ text: String) throws(MalformedQuantity) -> Int {
        try parseQuantity(text, units, words, example: "30s, 500ms, 5m, 2h or 30 days")
    }

    package static func describe(_ value: Int) -> String {
        let unit = units.last { value % $0.factor == 0 && value >= $0.factor } ?? units[0]
        return "\(value / unit.factor)\(unit.name)"
    }
}

/// `10MiB`, `512KiB`, `1GiB`, `1MB`, `100B`, in bytes.
package enum ByteSize: QuantityUnit {
    package static let canBeOff = false
    private static let units: [(name: String, factor: Int)] = [
        ("B", 1), ("KB", 1_000), ("KiB", 1 << 10), ("MB", 1_000_000), ("MiB", 1 << 20), ("GB", 1_000_000_000),
        ("GiB", 1 << 30), ("TiB", 1 << 40),
    ]

    package static func parse(_ text: String) throws(MalformedQuantity) -> Int {
        try parseQuantity(text, units, example: "10MiB, 512KiB, 1GiB or 100B")
    }

    package static func describe(_ value: Int) -> String {
        let unit = units.last { $0.name.hasSuffix("iB") && value % $0.factor == 0 && value >= $0.factor } ?? units[0]
        return "\(value / unit.factor)\(unit.name)"
    }
}

private func parseQuantity(
    _ text: String, _ units: [(name: String, factor: Int)], _ words: [(name: String, factor: Int)] = [],
    example: String
) throws(MalformedQuantity) -> Int {
    let digits = text.prefix { ("0"..."9").contains($0) }
    let name = text[digits.endIndex...].drop { $0 == " " }
    guard !digits.isEmpty else {
        throw MalformedQuantity(
            message: "\"\(text.printable(atMost: 60))\" is not a number with a unit: write for instance \(example)")
    }
    guard let unit = (units + words).first(where: { $0.name == name }) else {
        let known = units.map(\.name).joined(separator: ", ")
        let reason =
            name.isEmpty
            ? "\"\(text.printable(atMost: 60))\" has no unit"
            : "\"\(String(name).printable(atMost: 60))\" is not a unit"
        throw MalformedQuantity(message: "\(reason): write for instance \(example) (units: \(known))")
    }
    guard let number = Int(digits) else {
        throw MalformedQuantity(message: "\(text.printable(atMost: 60)) is too large")
    }
    let (value, overflow) = number.multipliedReportingOverflow(by: unit.factor)
    if overflow { throw MalformedQuantity(message: "\(text.printable(atMost: 60)) is too large") }
    return value
}
