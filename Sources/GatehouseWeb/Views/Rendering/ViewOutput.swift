/// The bytes of a page as it is written.
struct ViewOutput {
    private(set) var bytes: [UInt8] = []

    var count: Int { bytes.count }

    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    mutating func append(_ piece: [UInt8]) { bytes.append(contentsOf: piece) }
    mutating func append(_ piece: ArraySlice<UInt8>) { bytes.append(contentsOf: piece) }

    mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { bytes.append(contentsOf: $0) }
    }

    mutating func append(_ number: Int) {
        guard number >= 0 else { return append(String(number)) }
        guard number > 9 else { return bytes.append(UInt8(0x30 + number)) }
        var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)
        withUnsafeMutableBytes(of: &digits) { space in
            var rest = number
            var place = space.count
            while rest > 0 {
                place -= 1
                space[place] = UInt8(0x30 + rest % 10)
                rest /= 10
            }
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: space[place...]))
        }
    }

    /// Appends a text with references for the characters that mean something in HTML or in a quoted attribute. It is
    /// made beside the page and appended in one piece: each append costs more than some bytes.
    mutating func appendEscaped(_ text: String) {
        var text = text
        text.withUTF8 { piece in
            var marks = 0
            for byte in piece where Self.isMark(byte) { marks += 1 }
            guard marks > 0 else { return bytes.append(contentsOf: piece) }
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: piece.count + marks * 5) { space in
                var place = 0
                for byte in piece {
                    if Self.isMark(byte) {
                        Self.reference(byte).withUTF8Buffer { reference in
                            for byte in reference {
                                space[place] = byte
                                place += 1
                            }
                        }
                    } else {
                        space[place] = byte
                        place += 1
                    }
                }
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: space[..<place]))
            }
        }
    }

    /// The five characters, one bit each.
    private static let marks: UInt64 = 1 << 0x22 | 1 << 0x26 | 1 << 0x27 | 1 << 0x3C | 1 << 0x3E

    @inline(__always)
    private static func isMark(_ byte: UInt8) -> Bool { byte < 64 && marks & (1 << UInt64(byte)) != 0 }

    private static func reference(_ mark: UInt8) -> StaticString {
        switch mark {
        case 0x22: "&quot;"
        case 0x26: "&amp;"
        case 0x27: "&#39;"
        case 0x3C: "&lt;"
        default: "&gt;"
        }
    }

    /// Takes what has been written so far.
    mutating func take() -> [UInt8] {
        let taken = bytes
        bytes = []
        return taken
    }
}
