/// A decimal number in text form, read exactly: `mantissa` × 10 to the power of `exponent`.
struct DecimalText: Equatable {
    /// More digits than these are counted, but not kept.
    static let mostDigits = 38

    var isNegative = false
    /// The digits from the first to the last that is not 0.
    var mantissa: UInt128 = 0
    var digits = 0
    var exponent = 0

    var isTooLong: Bool { digits > Self.mostDigits }

    /// - Returns: `nil` if the text is no decimal number: `-12.50`, `.5`, `12.`, `1e+20`.
    init?(_ text: some RandomAccessCollection<UInt8>) {
        var rest = text[...]
        if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            isNegative = sign == UInt8(ascii: "-")
            rest = rest.dropFirst()
        }
        var seen = 0
        var zeros = 0
        var places: Int?
        scan: while let byte = rest.first {
            switch byte {
            case 0x30: if digits > 0 { zeros += 1 }
            case 0x31...0x39:
                append(zeros: zeros, digit: byte & 15)
                zeros = 0
            case UInt8(ascii: ".") where places == nil:
                places = 0
                rest = rest.dropFirst()
                continue
            default: break scan
            }
            seen += 1
            if let count = places { places = count + 1 }
            rest = rest.dropFirst()
        }
        guard seen > 0 else { return nil }
        exponent = zeros - (places ?? 0)
        if !rest.isEmpty {
            guard let more = Self.exponent(rest) else { return nil }
            exponent += more
        }
        if mantissa == 0, digits == 0 { exponent = 0 }
    }

    private mutating func append(zeros: Int, digit: UInt8) {
        digits += zeros + 1
        guard !isTooLong else { return }
        for _ in 0..<zeros { mantissa *= 10 }
        mantissa = mantissa * 10 + UInt128(digit)
    }

    /// The number after `e`, bounded far outside of every type's range.
    private static func exponent(_ text: some RandomAccessCollection<UInt8>) -> Int? {
        var rest = text[...]
        guard let letter = rest.popFirst(), letter | 0x20 == UInt8(ascii: "e") else { return nil }
        var isNegative = false
        if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            isNegative = sign == UInt8(ascii: "-")
            rest = rest.dropFirst()
        }
        guard !rest.isEmpty else { return nil }
        var value = 0
        for byte in rest {
            guard byte.isASCIIDigit else { return nil }
            value = min(value * 10 + Int(byte & 15), 1_000_000)
        }
        return isNegative ? -value : value
    }
}
