/// The search for a delimiter (`CR LF "--" boundary`) in a piece of a body, by Horspool's algorithm: it looks at every
/// byte once at most, and of most data at one byte in as many as the delimiter is long.
///
/// A boundary has no CR, so a delimiter begins at a CR and has no other. So comparing at two places never reads the
/// same bytes twice, and the end of a piece has one place at most at which a delimiter may have begun.
struct DelimiterSearch: Sendable {
    let delimiter: [UInt8]
    /// By the byte at the place of the delimiter's last byte: how far the delimiter can be moved.
    private let shifts: [UInt8]

    /// - Parameter boundary: at most 200 bytes, without CR.
    init(boundary: [UInt8]) {
        delimiter = Array("\r\n--".utf8) + boundary
        var shifts = [UInt8](repeating: UInt8(clamping: delimiter.count), count: 256)
        for (index, byte) in delimiter.dropLast().enumerated() {
            shifts[Int(byte)] = UInt8(clamping: delimiter.count - 1 - index)
        }
        self.shifts = shifts
    }

    enum Found: Equatable {
        /// The whole delimiter begins at this index.
        case whole(at: Int)
        /// The piece ends with as many bytes of a delimiter.
        case beginning(at: Int)
        case nothing
    }

    /// Finds the first delimiter from an index on, or the beginning of one at the end of the bytes.
    func find(in bytes: UnsafeRawBufferPointer, from start: Int) -> Found {
        let length = delimiter.count
        return delimiter.withUnsafeBufferPointer { delimiter in
            shifts.withUnsafeBufferPointer { shifts in
                let last = delimiter[length - 1]
                var at = start
                while at <= bytes.count - length {
                    let byte = bytes[at + length - 1]
                    if byte == last, Self.isEqual(bytes, at, delimiter, length - 1) { return .whole(at: at) }
                    at += Int(shifts[Int(byte)])
                }
                return Self.beginning(in: bytes, from: at, delimiter)
            }
        }
    }

    /// Looks at the last bytes, fewer than a delimiter has.
    private static func beginning(
        in bytes: UnsafeRawBufferPointer, from start: Int, _ delimiter: UnsafeBufferPointer<UInt8>
    ) -> Found {
        var at = start
        while at < bytes.count {
            if bytes[at] == delimiter[0], isEqual(bytes, at, delimiter, bytes.count - at) { return .beginning(at: at) }
            at += 1
        }
        return .nothing
    }

    @inline(__always)
    private static func isEqual(
        _ bytes: UnsafeRawBufferPointer, _ at: Int, _ delimiter: UnsafeBufferPointer<UInt8>, _ count: Int
    ) -> Bool {
        var index = 0
        while index < count {
            if bytes[at + index] != delimiter[index] { return false }
            index += 1
        }
        return true
    }
}
