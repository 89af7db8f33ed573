/// The content of one session.
struct SessionContent: Sendable, Equatable {
    /// Each value as JSON, by its name.
    var values: [String: [UInt8]] = [:]
    /// Seconds since 1970 at which the session began, or was renewed.
    var created: Int
    /// Seconds since 1970 of the last use that was written down.
    var used: Int

    /// The longest name of a value, in bytes.
    static let longestName = 255
    /// The longest value, in bytes.
    static let longestValue = 0xff_ffff

    /// The values as bytes: for each its name's length (1 byte), its own (3 bytes), name and value, in the order of the
    /// names. Names and values that are too long are refused when they are set.
    var valueBytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(values.reduce(0) { $0 + $1.key.utf8.count + $1.value.count + 4 })
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            bytes.append(UInt8(clamping: name.utf8.count))
            bytes.append(UInt8(truncatingIfNeeded: value.count >> 16))
            bytes.append(UInt8(truncatingIfNeeded: value.count >> 8))
            bytes.append(UInt8(truncatingIfNeeded: value.count))
            bytes += name.utf8
            bytes += value
        }
        return bytes
    }

    /// Reads what ``valueBytes`` has made; `nil` for any other bytes.
    static func values(from bytes: ArraySlice<UInt8>) -> [String: [UInt8]]? {
        var values: [String: [UInt8]] = [:]
        var rest = bytes
        while !rest.isEmpty {
            guard rest.count >= 4 else { return nil }
            let head = rest.startIndex
            let nameLength = Int(rest[head])
            let valueLength = Int(rest[head + 1]) << 16 | Int(rest[head + 2]) << 8 | Int(rest[head + 3])
            rest = rest.dropFirst(4)
            guard rest.count >= nameLength + valueLength,
                let name = String(validating: rest.prefix(nameLength), as: UTF8.self)
            else { return nil }
            values[name] = Array(rest.dropFirst(nameLength).prefix(valueLength))
            rest = rest.dropFirst(nameLength + valueLength)
        }
        return values
    }

    /// All of it: the two times (4 bytes each), and the values.
    var bytes: [UInt8] { Self.bytes(ofTime: created) + Self.bytes(ofTime: used) + valueBytes }

    init(created: Int, used: Int, values: [String: [UInt8]] = [:]) {
        self.created = created
        self.used = used
        self.values = values
    }

    /// Reads what ``bytes`` has made; `nil` for any other bytes.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 8, let values = Self.values(from: bytes[8...]) else { return nil }
        self.init(created: Self.time(bytes[0..<4]), used: Self.time(bytes[4..<8]), values: values)
    }

    private static func bytes(ofTime seconds: Int) -> [UInt8] {
        let seconds = UInt32(clamping: seconds)
        return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: seconds >> UInt32($0)) }
    }

    private static func time(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }

    /// The values by their sizes, the largest first, for a message: names and bytes, no content.
    var sizes: String {
        values.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }.prefix(4)
            .map { "\"\($0.key)\" has \($0.value.count)" }.joined(separator: ", ")
    }
}
