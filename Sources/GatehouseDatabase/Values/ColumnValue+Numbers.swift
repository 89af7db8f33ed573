public import FoundationEssentials

extension Double: ColumnValue {
    /// The number, as it is. MySQL has no infinity and no NaN, SQLite no NaN.
    public var sqlValue: SQLValue { .real(self) }

    /// Reads a number that a `Double` holds to the last of its digits, so that `NUMERIC` is never rounded unnoticed.
    /// - Throws: ``CellError`` if the value is `NULL`, no number, or a decimal of more digits.
    public init(_ cell: Cell) throws(CellError) {
        switch cell.storage {
        case .real(let value): self = value
        case .integer(let value):
            guard let number = Double(exactly: value) else { throw Self.inexact }
            self = number
        case .unsigned(let value):
            guard let number = Double(exactly: value) else { throw Self.inexact }
            self = number
        case .text(let text): self = try Self.parse(text)
        case .null: throw .isNull
        case .bytes: throw CellError("is bytes, and no number")
        }
    }

    private static var inexact: CellError { CellError("has more digits than a floating-point number holds") }

    /// 10 to the power of 0 to 22, which are exact.
    private static let powers: [Double] = (0...22).map { Double("1e\($0)") ?? .nan }

    private static func parse(_ text: UnsafeBufferPointer<UInt8>) throws(CellError) -> Double {
        guard let decimal = DecimalText(text) else {
            if text.elementsEqual("NaN".utf8) { return .nan }
            if text.elementsEqual("Infinity".utf8) { return .infinity }
            if text.elementsEqual("-Infinity".utf8) { return -.infinity }
            throw CellError("is no number")
        }
        guard decimal.digits <= 17 else { throw inexact }
        // A product or quotient of two exact numbers is rounded once, which is as near as can be.
        if decimal.digits <= 15, decimal.exponent.magnitude <= 22 {
            let mantissa = Double(UInt64(truncatingIfNeeded: decimal.mantissa))
            let power = powers[Int(decimal.exponent.magnitude)]
            let value = decimal.exponent < 0 ? mantissa / power : mantissa * power
            return decimal.isNegative ? -value : value
        }
        guard let value = Double(String(decoding: text, as: UTF8.self)), value.isFinite else { throw inexact }
        // Fifteen digits survive in any case; of more, only the number's own shortest form does.
        guard DecimalText(Array("\(value)".utf8)) == decimal || (decimal.digits <= 15 && value.isNormal) else {
            throw inexact
        }
        return value
    }
}

extension Float: ColumnValue {
    /// The number in its shortest decimal form: 0.1 is bound as 0.1.
    public var sqlValue: SQLValue { .real(Double("\(self)") ?? Double(self)) }

    /// Reads a number, rounded to the nearest `Float`.
    /// - Throws: ``CellError`` if a `Double` cannot be read, or the number is too great.
    public init(_ cell: Cell) throws(CellError) {
        let value = try Double(cell)
        var nearest = Float(value)
        if case .text(let text) = cell.storage, value.isFinite, text.count < 64 {
            // Rounded from the digits themselves, not from a number that was rounded already.
            nearest = Float(String(decoding: text, as: UTF8.self)) ?? nearest
        }
        guard nearest.isFinite || !value.isFinite else { throw CellError("is a number that Float does not have") }
        self = nearest
    }
}

extension Decimal: ColumnValue {
    /// The number, exactly. SQLite has no decimal type: keep decimals in columns of type `TEXT` there, for a column of
    /// type `NUMERIC` or `DECIMAL` rounds them to 15 digits.
    public var sqlValue: SQLValue { isNaN ? .invalid("a Decimal is NaN") : .decimal(description) }

    /// Reads a number exactly: of up to 38 digits.
    /// - Throws: ``CellError`` if the value is `NULL`, no number, not finite, or has more digits.
    public init(_ cell: Cell) throws(CellError) {
        switch cell.storage {
        case .text(let text): self = try Self.parse(text)
        case .integer(let value): self = Decimal(value)
        case .unsigned(let value): self = Decimal(value)
        case .real(let value):
            // SQLite keeps decimals of up to 15 digits in such a way that they come back.
            let text = Array("\(value)".utf8)
            guard let decimal = DecimalText(text), decimal.digits <= 15 else {
                throw CellError("is a floating-point number, and no exact decimal one")
            }
            self = try text.withUnsafeBufferPointer { text throws(CellError) in try Self.parse(text) }
        case .null: throw .isNull
        case .bytes: throw CellError("is bytes, and no number")
        }
    }

    private static func parse(_ text: UnsafeBufferPointer<UInt8>) throws(CellError) -> Decimal {
        guard let number = DecimalText(text) else {
            let isSpecial = ["NaN", "Infinity", "-Infinity"].contains { text.elementsEqual($0.utf8) }
            throw CellError(isSpecial ? "is not finite, which a Decimal must be" : "is no number")
        }
        guard !number.isTooLong else { throw CellError("has more than the 38 digits of a Decimal") }
        guard -128...127 ~= number.exponent else { throw CellError("is a number that Decimal does not have") }
        let (high, low) = number.mantissa.quotientAndRemainder(dividingBy: 10_000_000_000_000_000_000)
        let upper = Decimal(UInt64(truncatingIfNeeded: high)) * Decimal(10_000_000_000_000_000_000 as UInt64)
        let mantissa = upper + Decimal(UInt64(truncatingIfNeeded: low))
        return Decimal(
            sign: number.isNegative && number.digits > 0 ? .minus : .plus, exponent: number.exponent,
            significand: mantissa)
    }
}
