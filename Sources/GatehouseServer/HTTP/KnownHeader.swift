import HTTPTypes

/// A header that was seen before, and its last value: browsers, crawlers and front servers repeat themselves, and to
/// make a field means to check every byte and to make a string.
final class KnownHeader {
    private let variable: [UInt8]
    private let name: HTTPField.Name
    /// The request in which this header was last seen, and where in its fields.
    var seenIn: UInt64 = 0
    var position = 0
    private var last: HTTPField?
    /// The bytes of which it was made.
    private var lastValue: [UInt8] = []
    private let isRemembered: Bool

    /// Longer values are mostly one client's alone, and there are as many as known headers.
    private static let rememberedLength = 256

    init(variable: [UInt8], name: HTTPField.Name) {
        self.variable = variable
        self.name = name
        // Secrets do not outlive their request.
        isRemembered = name != .cookie && name != .authorization && name != .proxyAuthorization
    }

    func isNamed(_ variable: Span<UInt8>) -> Bool {
        variable.withUnsafeBufferPointer { other in
            self.variable.withUnsafeBufferPointer { Self.equal($0, other) }
        }
    }

    /// The header with this value.
    func field(_ value: Span<UInt8>) -> HTTPField {
        value.withUnsafeBufferPointer { bytes in
            if let last, lastValue.withUnsafeBufferPointer({ Self.equal($0, bytes) }) { return last }
            // Headers are ASCII but for the odd one, and a string that is known to be is made much faster.
            let field =
                bytes.allSatisfy { $0 < 0x80 }
                ? HTTPField(name: name, value: String(decoding: bytes, as: UTF8.self))
                : HTTPField(name: name, value: bytes)
            if isRemembered, bytes.count <= Self.rememberedLength { remember(field, of: bytes) }
            return field
        }
    }

    private func remember(_ field: HTTPField, of value: UnsafeBufferPointer<UInt8>) {
        last = field
        lastValue.removeAll(keepingCapacity: true)
        lastValue.append(contentsOf: value)
    }

    private static func equal(_ one: UnsafeBufferPointer<UInt8>, _ other: UnsafeBufferPointer<UInt8>) -> Bool {
        guard one.count == other.count else { return false }
        var offset = 0
        let (one, other) = (UnsafeRawBufferPointer(one), UnsafeRawBufferPointer(other))
        while offset <= one.count - 8 {
            if one.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                != other.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            {
                return false
            }
            offset += 8
        }
        while offset < one.count {
            if one[offset] != other[offset] { return false }
            offset += 1
        }
        return true
    }
}
