internal import GatehousePlan

extension String {
    /// A whole JSON text, fit for a terminal: its line breaks stay, and what else is not printable is written as JSON
    /// itself writes such characters (RFC 8259, section 7).
    var escapedJSON: String {
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
