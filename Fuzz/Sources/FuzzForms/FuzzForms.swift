import FoundationEssentials
import FuzzSupport
@testable import GatehouseWeb

/// Input: a form as `application/x-www-form-urlencoded`, or as JSON if it begins with a brace.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: start, count: count)
    let limits = FormLimits(bytes: 4_000, fields: 100, nameBytes: 300, valueBytes: 1_000)
    if bytes.first == UInt8(ascii: "{") {
        if let fields = try? FormFields(json: Data(bytes), limits: limits) { checkForm(fields) }
        return 0
    }
    guard let fields = try? FormFields(urlEncoded: bytes, limits: limits) else {
        require(isRefused(bytes, limits), "a form is refused that has no fault")
        return 0
    }
    require(pairs(fields) == reference(bytes), "fields are others than the URL Standard says")
    let again = try? FormFields(urlEncoded: fields.urlEncoded, limits: FormLimits())
    require(again.map(pairs) == pairs(fields), "fields do not come back")
    checkForm(fields)
    return 0
}

/// The fields' bytes: texts that differ only in their normal form are equal to Swift.
private func pairs(_ fields: FormFields) -> [[[UInt8]]] {
    fields.fields.map { [Array($0.name.utf8), Array($0.value.utf8)] }
}

/// The URL Standard's parser as it is written there, on arrays.
private func reference(_ bytes: UnsafeBufferPointer<UInt8>) -> [[[UInt8]]] {
    bytes.split(separator: UInt8(ascii: "&")).map { field in
        let parts = field.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
        return [decoded(Array(parts[0])), parts.count > 1 ? decoded(Array(parts[1])) : []]
    }
}

private func decoded(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = [], index = 0
    while index < bytes.count {
        if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
            let text = String(validating: bytes[(index + 1)...(index + 2)], as: UTF8.self), text.first != "+",
            text.first != "-", let byte = UInt8(text, radix: 16)
        {
            result.append(byte)
            index += 3
        } else {
            result.append(bytes[index] == UInt8(ascii: "+") ? UInt8(ascii: " ") : bytes[index])
            index += 1
        }
    }
    return result
}

private func isRefused(_ bytes: UnsafeBufferPointer<UInt8>, _ limits: FormLimits) -> Bool {
    let fields = reference(bytes)
    return bytes.count > limits.bytes || fields.count > limits.fields
        || fields.contains { field in
            field[0].count > limits.nameBytes || field[1].count > limits.valueBytes
                || field.contains { $0.contains(0) || String(validating: $0, as: UTF8.self) == nil }
        }
}
