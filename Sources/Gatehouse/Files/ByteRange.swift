/// The part of a representation that a request asks for (RFC 9110, section 14).
package enum ByteRange: Equatable {
    /// All of it: the header is absent, malformed, or asks for several parts, which a server may ignore. Many small or
    /// overlapping parts would make an answer much larger than the file.
    case whole
    case part(Range<Int64>)
    /// It begins behind the end: 416.
    case unsatisfiable

    /// - Parameter header: the value of `Range`.
    package init(_ header: String?, size: Int64) {
        guard let header, header.utf8.count <= 64, header.lowercased().hasPrefix("bytes=") else {
            self = .whole
            return
        }
        let bounds = header.utf8.dropFirst(6).split(separator: 0x2D, maxSplits: 2, omittingEmptySubsequences: false)
            .map { Self.number(Substring($0)) }
        switch bounds.count == 2 ? (bounds[0], bounds[1]) : (.malformed, .malformed) {
        case (.number(let first), .none): self = first < size ? .part(first..<size) : .unsatisfiable
        case (.number(let first), .number(let last)) where first <= last:
            self = first < size ? .part(first..<min(last, size - 1) + 1) : .unsatisfiable
        case (.none, .number(let count)):
            self = count > 0 && size > 0 ? .part(max(0, size - count)..<size) : .unsatisfiable
        default: self = .whole
        }
    }

    private enum Bound {
        case none
        case number(Int64)
        case malformed
    }

    private static func number(_ text: Substring) -> Bound {
        let text = text.utf8.drop { $0 == 32 }
        if text.isEmpty { return .none }
        guard text.count <= 18, text.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(Substring(text))
        else { return .malformed }
        return .number(number)
    }
}
