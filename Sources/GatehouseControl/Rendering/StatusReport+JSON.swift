internal import FoundationEssentials
internal import GatehousePlan

extension StatusReport {
    /// For programs: an object with sorted keys, indented. Durations are milliseconds, sizes bytes, moments seconds
    /// since 1970; what is not known is left out.
    public func json() throws(ControlError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let bytes = try? encoder.encode(self) else {
            throw ControlError("the status cannot be written as JSON", .internal)
        }
        return String(decoding: bytes, as: UTF8.self).escapedJSON
    }
}
