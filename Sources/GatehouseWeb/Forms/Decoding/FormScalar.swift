import FoundationEssentials

/// A value that one text of a form stands for.
protocol FormScalar {
    /// The value of a field that is absent or blank; `nil` if there must be a text.
    static var absent: Self? { get }

    /// A value to go on with after a fault, so that one decoding finds the faults of all fields.
    static var placeholder: Self { get }

    /// Reads a text that is not blank and has no white space at its ends.
    static func read(_ text: String) throws(FormFault) -> Self
}

extension FormScalar {
    static var absent: Self? { nil }
}

extension String: FormScalar {
    static var placeholder: String { "" }
    static func read(_ text: String) throws(FormFault) -> String { text }
}

extension Bool: FormScalar {
    /// A box that is not ticked is not sent.
    static var absent: Bool? { false }
    static var placeholder: Bool { false }

    static func read(_ text: String) throws(FormFault) -> Bool {
        switch text.lowercased() {
        case "on", "true", "1", "yes": true
        case "off", "false", "0", "no": false
        default: throw .choice
        }
    }
}

extension FormScalar where Self: FixedWidthInteger {
    static var placeholder: Self { 0 }

    static func read(_ text: String) throws(FormFault) -> Self {
        var digits = text.utf8[...]
        if digits.first == UInt8(ascii: "-") || digits.first == UInt8(ascii: "+") { digits.removeFirst() }
        guard !digits.isEmpty, digits.allSatisfy(FormNumber.isDigit) else { throw .wholeNumber }
        guard let number = Self(text) else { throw .outOfRange }
        return number
    }
}

extension Int: FormScalar {}
extension Int8: FormScalar {}
extension Int16: FormScalar {}
extension Int32: FormScalar {}
extension Int64: FormScalar {}
extension UInt: FormScalar {}
extension UInt8: FormScalar {}
extension UInt16: FormScalar {}
extension UInt32: FormScalar {}
extension UInt64: FormScalar {}

extension FormScalar where Self: BinaryFloatingPoint & LosslessStringConvertible {
    static var placeholder: Self { 0 }

    static func read(_ text: String) throws(FormFault) -> Self {
        guard FormNumber(text) != nil, let number = Self(text) else { throw .number }
        guard number.isFinite else { throw .outOfRange }
        return number
    }
}

extension Double: FormScalar {}
extension Float: FormScalar {}

extension Decimal: FormScalar {
    static var placeholder: Decimal { 0 }

    /// Reads up to 38 digits exactly; more is a fault and no other number.
    static func read(_ text: String) throws(FormFault) -> Decimal {
        guard let number = FormNumber(text) else { throw .number }
        guard number.significantDigits <= 38, -100...100 ~= number.exponent, let decimal = Decimal(string: text),
            decimal.isFinite
        else { throw .outOfRange }
        return decimal
    }
}

extension UUID: FormScalar {
    static var placeholder: UUID { UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)) }

    static func read(_ text: String) throws(FormFault) -> UUID {
        guard let uuid = UUID(uuidString: text) else { throw .invalid }
        return uuid
    }
}

extension URL: FormScalar {
    static var placeholder: URL { URL(filePath: "/") }

    /// Reads an address of the web, and no other: `javascript:` and `file:` are addresses, too.
    static func read(_ text: String) throws(FormFault) -> URL {
        guard FormRules.isWebAddress(text), let url = URL(string: text) else { throw .url }
        return url
    }
}

/// A number as an input of the type `number` sends it: digits with a sign, a point and an exponent, in ASCII and in no
/// language's own way (HTML Standard, 2.3.4.3, "valid floating-point number").
struct FormNumber {
    /// The digits from the first that is not 0 to the last.
    let significantDigits: Int
    /// The exponent after `e`.
    let exponent: Int

    init?(_ text: String) {
        var rest = text.utf8[...]
        if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        var digits = 0, significant = 0
        func takeDigits() {
            while let byte = rest.first, Self.isDigit(byte) {
                digits += 1
                if significant > 0 || byte != UInt8(ascii: "0") { significant += 1 }
                rest.removeFirst()
            }
        }
        takeDigits()
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            takeDigits()
        }
        guard digits > 0 else { return nil }
        significantDigits = significant
        guard rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") else {
            exponent = 0
            guard rest.isEmpty else { return nil }
            return
        }
        rest.removeFirst()
        guard let last = rest.last, Self.isDigit(last), rest.count <= 10, let exponent = Int(Substring(rest)) else {
            return nil
        }
        self.exponent = exponent
    }

    static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }
}
