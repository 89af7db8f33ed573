import HTTPTypes

/// Remembers which header a variable's name stands for: `ACCEPT_LANGUAGE` is `accept-language`.
///
/// Making an `HTTPField.Name` costs two strings and a look at every byte; a front server sends the same twenty names
/// with every request. Bounded, because names are the client's choice.
package struct HeaderNameCache {
    /// A power of two; names beyond it evict older ones.
    private static let capacity = 512
    private var slots = [KnownHeader?](repeating: nil, count: Self.capacity)
    private var request: UInt64 = 0

    package init() {}

    /// Starts a new request: `firstPosition` speaks of this one from now on.
    mutating func beginRequest() {
        request &+= 1
    }

    /// The header, and where in this request it was seen before; `nil` where the variable names no header.
    mutating func look(
        up variable: Span<UInt8>, position: Int
    ) -> (header: KnownHeader, earlier: Int?)? {
        let index = Self.hash(variable) & (Self.capacity - 1)
        if let slot = slots[index], slot.isNamed(variable) {
            if slot.seenIn == request { return (slot, slot.position) }
            slot.seenIn = request
            slot.position = position
            return (slot, nil)
        }
        guard let slot = Self.make(variable) else { return nil }
        slot.seenIn = request
        slot.position = position
        slots[index] = slot
        return (slot, nil)
    }

    private static func make(_ variable: Span<UInt8>) -> KnownHeader? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(variable.count)
        var text: [UInt8] = []
        text.reserveCapacity(variable.count)
        for index in variable.indices {
            let byte = variable[index]
            bytes.append(byte)
            switch byte {
            case UInt8(ascii: "_"): text.append(UInt8(ascii: "-"))
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): text.append(byte | 0x20)
            default: text.append(byte)
            }
        }
        return HTTPField.Name(String(decoding: text, as: UTF8.self)).map { KnownHeader(variable: bytes, name: $0) }
    }

    /// FNV-1a.
    private static func hash(_ bytes: Span<UInt8>) -> Int {
        var hash: UInt32 = 2_166_136_261
        for index in bytes.indices { hash = (hash ^ UInt32(bytes[index])) &* 16_777_619 }
        return Int(hash ^ (hash >> 16))
    }
}
