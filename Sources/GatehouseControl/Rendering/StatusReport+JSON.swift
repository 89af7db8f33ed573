internal import FoundationEssentials
public import GatehousePlan

extension StatusReport {
    /// For programs: an object with sorted keys, indented. Durations are milliseconds, sizes bytes, moments seconds
    /// since 1970; unknown values are left out.
    public func json() throws(OperatorError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let bytes = try? encoder.encode(self) else {
            throw OperatorError("the status cannot be written as JSON", .internal)
        }
        return String(decoding: bytes, as: UTF8.self).escapedJSON
    }
}

extension String {
    /// A whole JSON text, fit for a terminal: its line breaks stay, and other characters that are not printable become
    /// JSON's own escapes (RFC 8259, section 7).
    fileprivate var escapedJSON: String {
        if unicodeScalars.allSatisfy({ $0.isPrintable || $0 == "\n" }) { return self }
        var result = ""
        for scalar in unicodeScalars {
            if scalar.isPrintable || scalar == "\n" {
                result.unicodeScalars.append(scalar)
            } else {
                for unit in scalar.utf16 { result += "\\u" + String(0x1_0000 + UInt32(unit), radix: 16).dropFirst() }
            }
        }
        return result
    }
}
