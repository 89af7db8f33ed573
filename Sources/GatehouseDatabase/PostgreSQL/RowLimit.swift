/// The most rows of a result, as `LIMIT 50` or `LIMIT $2 OFFSET $3` at a statement's end says.
enum RowLimit: Equatable {
    case number(Int)
    /// A value's place, from 0 on.
    case parameter(Int)

    /// - Returns: `nil` if the text does not end so, or if it has a comment, whose end that might be.
    init?(_ sql: String) {
        guard !sql.contains("--"), !sql.contains("/*") else { return nil }
        var words = TrailingWords(bytes: Array(sql.utf8)[...])
        words.skipEnd()
        guard var count = words.next(), var keyword = words.next() else { return nil }
        if keyword == "offset" {
            guard let before = words.next(), let limit = words.next() else { return nil }
            (count, keyword) = (before, limit)
        }
        guard keyword == "limit", words.isAtSpace else { return nil }
        if count.first == "$", let number = Int(count.dropFirst()), number > 0 {
            self = .parameter(number - 1)
        } else if let number = Int(count), number >= 0 {
            self = .number(number)
        } else {
            return nil
        }
    }

    /// Words from the end of a text on, with nothing but white space between them.
    private struct TrailingWords {
        var bytes: ArraySlice<UInt8>
        /// Whether white space, or nothing, is before the words so far.
        private(set) var isAtSpace = true

        /// Passes over white space and semicolons.
        mutating func skipEnd() {
            while let last = bytes.last, last <= 0x20 || last == UInt8(ascii: ";") { bytes.removeLast() }
        }

        /// The last word in small letters.
        mutating func next() -> String? {
            guard isAtSpace else { return nil }
            let word = bytes.suffix(while: { $0 == UInt8(ascii: "$") || $0.isASCIILetterOrDigit })
            guard !word.isEmpty else { return nil }
            bytes.removeLast(word.count)
            isAtSpace = bytes.last.map { $0 <= 0x20 } ?? true
            while let last = bytes.last, last <= 0x20 { bytes.removeLast() }
            return String(decoding: word, as: UTF8.self).lowercased()
        }
    }
}

extension ArraySlice {
    fileprivate func suffix(while holds: (Element) -> Bool) -> ArraySlice {
        lastIndex { !holds($0) }.map { self[($0 + 1)...] } ?? self
    }
}
