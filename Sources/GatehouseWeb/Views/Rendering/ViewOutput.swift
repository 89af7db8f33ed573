/// The bytes of a page as it is written.
///
/// The space for them is there before they come: to write into an array costs less than to append to it.
struct ViewOutput {
    /// The most bytes that are escaped at a time, since each may need six.
    private static let piece = 1_024

    private var space: [UInt8]
    private(set) var count = 0

    var bytes: ArraySlice<UInt8> { space[..<count] }

    init(capacity: Int) { space = Array(repeating: 0, count: capacity) }

    /// Takes what has been written so far.
    mutating func take() -> ArraySlice<UInt8> {
        let taken = bytes
        space = []
        count = 0
        return taken
    }

    mutating func append(_ piece: [UInt8]) { piece.withUnsafeBytes { append($0) } }
    mutating func append(_ piece: ArraySlice<UInt8>) { piece.withUnsafeBytes { append($0) } }

    mutating func append(_ text: String) {
        if text.utf8.withContiguousStorageIfAvailable({ append(UnsafeRawBufferPointer($0)) }) == nil {
            append(Array(text.utf8))
        }
    }

    mutating func append(_ number: Int) {
        guard number >= 0 else { return append(String(number)) }
        guard number > 9 else { return append(byte: UInt8(0x30 + number)) }
        var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)
        withUnsafeMutableBytes(of: &digits) { digits in
            var rest = number
            var place = digits.count
            while rest > 0 {
                place -= 1
                digits[place] = UInt8(0x30 + rest % 10)
                rest /= 10
            }
            append(UnsafeRawBufferPointer(rebasing: digits[place...]))
        }
    }

    private mutating func append(byte: UInt8) {
        makeRoom(1)
        space[count] = byte
        count += 1
    }

    mutating func append(_ piece: UnsafeRawBufferPointer) {
        makeRoom(piece.count)
        let start = count
        space.withUnsafeMutableBytes { UnsafeMutableRawBufferPointer(rebasing: $0[start...]).copyMemory(from: piece) }
        count += piece.count
    }

    @inline(__always)
    private mutating func makeRoom(_ bytes: Int) {
        if space.count - count < bytes { grow(bytes) }
    }

    @inline(never)
    private mutating func grow(_ bytes: Int) {
        space.append(contentsOf: repeatElement(0, count: max(space.count, bytes, Self.piece)))
    }

    /// Appends a text with references for the characters that mean something in HTML or in a quoted attribute.
    mutating func appendEscaped(_ text: String) {
        if text.utf8.withContiguousStorageIfAvailable({ appendEscaped(UnsafeRawBufferPointer($0)) }) == nil {
            Array(text.utf8).withUnsafeBytes { appendEscaped($0) }
        }
    }

    private mutating func appendEscaped(_ text: UnsafeRawBufferPointer) {
        var rest = text[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Self.piece)
            rest = rest.dropFirst(piece.count)
            makeRoom(piece.count * Self.longest + MemoryLayout<UInt64>.size)
            let start = count
            count += space.withUnsafeMutableBytes {
                Self.escape(
                    UnsafeRawBufferPointer(rebasing: piece), UnsafeMutableRawBufferPointer(rebasing: $0[start...]))
            }
        }
    }

    /// - Returns: the bytes written.
    private static func escape(_ text: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer) -> Int {
        let width = MemoryLayout<UInt64>.size
        var (read, written) = (0, 0)
        while read < text.count {
            let end = min(read + width, text.count)
            if end - read == width {
                let eight = text.loadUnaligned(fromByteOffset: read, as: UInt64.self)
                if !hasMark(eight) {
                    target.storeBytes(of: eight, toByteOffset: written, as: UInt64.self)
                    (read, written) = (end, written + width)
                    continue
                }
            }
            while read < end {
                let byte = text[read]
                if isMark(byte) {
                    let (letters, count) = reference(byte)
                    target.storeBytes(of: letters.littleEndian, toByteOffset: written, as: UInt64.self)
                    written += count
                } else {
                    target[written] = byte
                    written += 1
                }
                read += 1
            }
        }
        return written
    }

    /// Whether one of eight bytes is a mark ("Bit Twiddling Hacks", S. E. Anderson: a word that has a byte of a value).
    @inline(__always)
    private static func hasMark(_ bytes: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        // & and ', and < and >, are alike but for one bit.
        let (quote, ampersand, angle) = (
            bytes ^ ones &* 0x22, (bytes | ones) ^ ones &* 0x27, (bytes | ones &* 2) ^ ones &* 0x3E
        )
        let zeroes =
            (quote &- ones) & ~quote | (ampersand &- ones) & ~ampersand | (angle &- ones) & ~angle
        return zeroes & ones &* 0x80 != 0
    }

    /// The five characters, one bit each.
    private static let marks: UInt64 = 1 << 0x22 | 1 << 0x26 | 1 << 0x27 | 1 << 0x3C | 1 << 0x3E

    @inline(__always)
    private static func isMark(_ byte: UInt8) -> Bool { byte < 64 && marks & (1 << UInt64(byte)) != 0 }

    /// The bytes of the longest reference.
    private static let longest = 6

    /// The reference for a character, its first letter in the lowest byte, and the count of its letters.
    private static func reference(_ mark: UInt8) -> (UInt64, Int) {
        switch mark {
        case 0x22: (0x3B_746F_7571_26, 6)  // &quot;
        case 0x26: (0x3B_706D_6126, 5)  // &amp;
        case 0x27: (0x3B_3933_2326, 5)  // &#39;
        case 0x3C: (0x3B_746C_26, 4)  // &lt;
        default: (0x3B_7467_26, 4)  // &gt;
        }
    }
}
