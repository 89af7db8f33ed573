/// Turns bytes, in whatever pieces they come, into lines of bounded length.
///
/// A line that is longer than the bound comes in pieces, all but its last marked `isCut`. A reader of hostile input
/// ends at the first such piece; a reader of logs takes each piece for a line. No more than one line and the bytes of
/// one `receive` are kept, if the caller takes every line before it receives more.
public struct LineFramer: Sendable {
    /// A line, or a piece of one that is too long.
    public struct Line: Hashable, Sendable {
        /// The bytes without the newline.
        public var bytes: [UInt8]
        /// Whether the line goes on: it is longer than the bound, and this is its first part or a middle one.
        public var isCut: Bool

        public init(bytes: [UInt8], isCut: Bool = false) {
            self.bytes = bytes
            self.isCut = isCut
        }
    }

    private var pending: [UInt8] = []
    /// The index in `pending` at which the next line begins. Bytes before it are removed with the next `receive`, and
    /// not for each line, or many short lines would be moved again and again.
    private var start = 0
    /// The index up to which there is no newline, so that a long line is not searched again with each of its pieces.
    private var searched = 0
    private let longest: Int

    /// - Parameter longest: the most bytes of a line without its newline; at least 1. `.max` for a trusted peer.
    public init(longest: Int) { self.longest = max(1, longest) }

    /// Adds bytes; `next()` returns their lines.
    public mutating func receive(_ bytes: some Sequence<UInt8>) {
        pending.removeFirst(start)
        searched -= start
        start = 0
        pending.append(contentsOf: bytes)
    }

    /// The next line; `nil` means that more bytes are needed.
    public mutating func next() -> Line? {
        // A line of just the longest length is whole, and its newline is one byte further.
        let available = pending.count - start
        let bound = available > longest ? start + longest + 1 : pending.count
        if searched < bound, let end = pending[searched..<bound].firstIndex(of: UInt8(ascii: "\n")) {
            return take(upTo: end, next: end + 1, isCut: false)
        }
        guard available > longest else {
            searched = bound
            return nil
        }
        return take(upTo: start + longest, next: start + longest, isCut: true)
    }

    /// The bytes after the last newline; `nil` if there are none. For the end of the input.
    public mutating func rest() -> [UInt8]? {
        defer { (pending, start, searched) = ([], 0, 0) }
        return start == pending.count ? nil : Array(pending[start...])
    }

    private mutating func take(upTo end: Int, next: Int, isCut: Bool) -> Line {
        defer { (start, searched) = (next, next) }
        return Line(bytes: Array(pending[start..<end]), isCut: isCut)
    }
}
