extension SQLValue {
    /// Appends the text form in which a value is bound. Nothing for `.null` and `.invalid`, nor for `.bytes`, which are
    /// bound as they are; in an array these have their text forms, too.
    package func appendText(for dialect: Dialect, to output: inout [UInt8]) {
        switch self {
        case .null, .invalid, .bytes: break
        case .bool(let value):
            output.append(
                dialect == .postgreSQL ? UInt8(ascii: value ? "t" : "f") : UInt8(ascii: value ? "1" : "0"))
        case .integer(let value): output.append(decimal: value)
        case .unsigned(let value): output.append(decimal: value)
        case .real(let value): output.append(real: value)
        case .decimal(let text), .text(let text), .uuid(let text), .json(let text): output += text.utf8
        case .instant(let microseconds): Timestamp.append(microseconds, for: dialect, to: &output)
        case .array(let values), .list(let values):
            if dialect == .postgreSQL {
                PostgreSQLArray.append(values, to: &output)
            } else {
                JSONArray.append(values, for: dialect, to: &output)
            }
        }
    }
}

extension [UInt8] {
    mutating func append(decimal value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        append(decimal: value.magnitude)
    }

    mutating func append(decimal value: UInt64) {
        // The longest number has twenty digits.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var position = digits.count
            var rest = value
            repeat {
                let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
                position -= 1
                digits[position] = UInt8(truncatingIfNeeded: digit) + 0x30
                rest = quotient
            } while rest > 0
            append(contentsOf: UnsafeBufferPointer(rebasing: digits[position...]))
        }
    }

    /// Appends a number of at least `width` digits.
    mutating func append(decimal value: Int, width: Int) {
        var limit = 10
        for _ in 1..<width {
            if value < limit { append(0x30) }
            limit *= 10
        }
        append(decimal: Int64(value))
    }

    mutating func append(real value: Double) {
        if value.isFinite {
            self += "\(value)".utf8
        } else {
            self += (value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity").utf8
        }
    }

    /// Appends `"\\x6162"`: bytes as PostgreSQL writes them, as an element of an array.
    mutating func append(quotedHexadecimal bytes: [UInt8]) {
        self += #""\\x"#.utf8
        for byte in bytes { append(hexadecimal: byte) }
        append(UInt8(ascii: "\""))
    }

    /// Appends two digits.
    mutating func append(hexadecimal byte: UInt8) {
        append(hexadecimalDigit(byte >> 4))
        append(hexadecimalDigit(byte & 15))
    }
}

private func hexadecimalDigit(_ value: UInt8) -> UInt8 { value < 10 ? value + 0x30 : value + 0x57 }

/// The value of a hexadecimal digit; `nil` for any other byte.
@inline(__always)
func hexadecimalValue(_ digit: UInt8) -> UInt8? {
    if digit.isASCIIDigit { return digit & 15 }
    let letter = (digit | 0x20) &- 0x61
    return letter < 6 ? letter + 10 : nil
}
