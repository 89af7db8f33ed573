/// A header's list of choices with weights: `text/html, application/json;q=0.5` (RFC 9110, section 12.4.2).
struct WeightedList {
    struct Item {
        /// Lower-case, without parameters.
        var name: String
        /// The number of parameters besides the weight: a range with more of them is more specific.
        var parameters: Int
        /// 0 to 1,000.
        var weight: Int
    }

    /// The longest header that is read, in bytes, and the most choices. A browser's have 150 bytes and 8 choices.
    private static let longest = 2_048
    private static let most = 64

    let items: [Item]

    /// - Parameter header: the value; `nil` for an absent header.
    /// - Returns: `nil` if the header is absent, empty or too long, which all mean that the client takes anything.
    init?(_ header: String?) {
        guard let header, header.utf8.count <= Self.longest else { return nil }
        var items: [Item] = []
        for part in header.utf8.split(separator: UInt8(ascii: ","), maxSplits: Self.most) {
            if items.count == Self.most { break }
            if let item = Self.item(part) { items.append(item) }
        }
        guard !items.isEmpty else { return nil }
        self.items = items
    }

    private static func item(_ text: Substring.UTF8View) -> Item? {
        var parts = text.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)[...]
        guard let name = parts.popFirst().map(trimmed), !name.isEmpty else { return nil }
        var item = Item(name: name, parameters: 0, weight: 1_000)
        for part in parts {
            let parameter = trimmed(part)
            if parameter.hasPrefix("q=") {
                guard let weight = weight(parameter.utf8.dropFirst(2)) else { return nil }
                item.weight = weight
                // The rest is an extension of the header, and no parameter of the range.
                break
            }
            item.parameters += 1
        }
        return item
    }

    /// `0`, `1`, or a decimal of at most three digits, in thousandths.
    private static func weight(_ text: Substring.UTF8View) -> Int? {
        let digits = Array(text)
        guard let first = digits.first, first == 0x30 || first == 0x31, digits.count <= 5 else { return nil }
        if digits.count > 1, digits[1] != 0x2E { return nil }
        var thousandths = 0
        var place = 100
        for digit in digits.dropFirst(2) {
            guard (0x30...0x39).contains(digit) else { return nil }
            thousandths += Int(digit - 0x30) * place
            place /= 10
        }
        return first == 0x31 ? 1_000 : thousandths
    }

    private static func trimmed(_ text: Substring.UTF8View) -> String {
        let start = text.drop { $0 == 32 || $0 == 9 }
        guard let last = start.lastIndex(where: { $0 != 32 && $0 != 9 }) else { return "" }
        return String(Substring(start[...last])).lowercased()
    }
}
