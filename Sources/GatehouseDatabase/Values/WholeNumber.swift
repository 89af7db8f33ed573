/// Whole numbers in the text form of a server: `-12`, and `12.000` of a sum of decimals.
enum WholeNumber {
    /// - Throws: ``CellError`` if the text is no whole number, or one that `Number` does not have.
    @inline(__always)
    static func parse<Number: FixedWidthInteger>(
        _ text: UnsafeBufferPointer<UInt8>, as: Number.Type = Number.self
    ) throws(CellError) -> Number {
        var position = 0
        var isNegative = false
        if let first = text.first, first == UInt8(ascii: "-") {
            isNegative = true
            position = 1
        }
        let start = position
        var magnitude: UInt64 = 0
        var overflows = false
        while position < text.count {
            let digit = text[position] &- 0x30
            guard digit < 10 else { break }
            let (product, isTooGreat) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, isOver) = product.addingReportingOverflow(UInt64(digit))
            if isTooGreat || isOver { overflows = true }
            magnitude = sum
            position += 1
        }
        guard position > start, position == text.count || isZeroFraction(text, position) else {
            throw CellError("is no whole number")
        }
        if overflows { throw outOfRange(Number.self) }
        return try exact(isNegative, magnitude)
    }

    /// The number of a sign and a magnitude.
    @inline(__always)
    private static func exact<Number: FixedWidthInteger>(
        _ isNegative: Bool, _ magnitude: UInt64
    ) throws(CellError) -> Number {
        if !isNegative {
            guard let number = Number(exactly: magnitude) else { throw outOfRange(Number.self) }
            return number
        }
        // The least Int64 has a magnitude that no Int64 has.
        guard magnitude <= Int64.min.magnitude, let number = Number(exactly: Int64(truncatingIfNeeded: 0 &- magnitude))
        else { throw outOfRange(Number.self) }
        return number
    }

    private static func isZeroFraction(_ text: UnsafeBufferPointer<UInt8>, _ position: Int) -> Bool {
        text[position] == UInt8(ascii: ".") && position + 1 < text.count
            && text[(position + 1)...].allSatisfy { $0 == 0x30 }
    }

    static func outOfRange<Number>(_ type: Number.Type) -> CellError {
        CellError("is a number that \(type) does not have")
    }
}
