extension GatewayVariables {
    /// An entry's value where it is digits and nothing else, and a number that `Int` can hold. `+5`, `-1`, `5,5` and
    /// the empty value are none: what reads them differently than the front server does lets requests be smuggled.
    static func number(_ entry: Entry, in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        guard entry.valueLength > 0 else { return nil }
        var number = 0
        for index in Int(entry.value)..<Int(entry.value) + Int(entry.valueLength) {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit <= 9 else { return nil }
            let (tens, tensOverflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, sumOverflow) = tens.addingReportingOverflow(Int(digit))
            guard !tensOverflow, !sumOverflow else { return nil }
            number = sum
        }
        return number
    }
}
