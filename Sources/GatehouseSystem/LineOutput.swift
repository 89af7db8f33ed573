internal import CGatehouseSystem
internal import Glibc

/// Whole lines on their way to a log. Nothing here waits for the log's reader: lines that find no room are kept, up to
/// a limit, and further ones are lost and counted.
package struct LineOutput: Sendable {
    /// The log that the lines go to.
    package private(set) var descriptor: Int32
    private var kind: Int32
    private let capacity: Int
    /// The line that says in the log itself how many lines are missing at that place.
    private let notice: (@Sendable (Int) -> String)?
    private var unsent: [UInt8] = []
    /// Lines that are missing from the log and that no notice has counted.
    package private(set) var lost = 0

    /// - Parameters:
    ///   - descriptor: closed by the caller.
    ///   - capacity: bytes that are kept while there is no room; the rest of a line that has begun to leave always is.
    ///   - notice: a line without its end. `nil`: the caller asks for `takeLost()`.
    package init(descriptor: Int32, capacity: Int, notice: (@Sendable (Int) -> String)? = nil) {
        self.descriptor = descriptor
        self.capacity = capacity
        self.notice = notice
        kind = gatehouse_log_kind(descriptor)
    }

    /// Goes on with another descriptor.
    package mutating func use(_ descriptor: Int32) {
        self.descriptor = descriptor
        kind = gatehouse_log_kind(descriptor)
    }

    /// Whether something is left to be written when there is room.
    package var isWaiting: Bool { !unsent.isEmpty }

    /// The number of missing lines; the caller reports them, and the count starts again.
    package mutating func takeLost() -> Int {
        defer { lost = 0 }
        return lost
    }

    /// Gives up the waiting lines: they count as lost.
    package mutating func giveUp() {
        lost += Self.count(unsent[...])
        unsent = []
    }

    /// Whole lines, each with its end.
    /// - Returns: the number of an error by which lines were lost; `nil` if there was none, or only no room.
    @discardableResult
    package mutating func add(_ lines: [UInt8]) -> Int32? {
        if let code = flush() {
            lost += Self.count(lines[...])
            return code
        }
        guard isWaiting else { return write(lines) }
        let missing = lostLine()
        guard unsent.count + missing.count + lines.count <= capacity else {
            lost += Self.count(lines[...])
            return nil
        }
        if !missing.isEmpty { lost = 0 }
        unsent += missing
        unsent += lines
        return nil
    }

    /// Writes as much of the waiting lines as there is room for.
    /// - Returns: as `add`.
    @discardableResult
    package mutating func flush() -> Int32? {
        guard isWaiting else { return nil }
        let count = Self.write(unsent, to: descriptor, kind)
        guard count >= 0 else {
            let code = errno
            giveUp()
            return code
        }
        unsent.removeFirst(count)
        return isWaiting || lost == 0 || notice == nil ? nil : write([])
    }

    /// Writes lines if none waits, after the notice of lost ones.
    private mutating func write(_ lines: [UInt8]) -> Int32? {
        let missing = lostLine()
        let all = missing.isEmpty ? lines : missing + lines
        let count = Self.write(all, to: descriptor, kind)
        guard count >= 0 else {
            lost += Self.count(lines[...])
            return errno
        }
        if count == all.count {
            if !missing.isEmpty { lost = 0 }
            return nil
        }
        keep(all[count...], begun: count > 0 && all[count - 1] != Self.lineEnd, missing: missing.count - count)
        return nil
    }

    /// - Parameters:
    ///   - begun: whether a part of the first line has left.
    ///   - missing: the bytes at the start of the rest that belong to the notice.
    private mutating func keep(_ rest: ArraySlice<UInt8>, begun: Bool, missing: Int) {
        var end = rest.endIndex
        if rest.count > capacity {
            end = begun ? rest.firstIndex(of: Self.lineEnd).map { $0 + 1 } ?? rest.endIndex : rest.startIndex
        }
        // The notice has left, or waits.
        let isSaid = notice != nil && (missing <= 0 || end > rest.startIndex)
        if isSaid { lost = 0 }
        unsent = Array(rest[..<end])
        lost += Self.count(rest[end...]) - (isSaid || missing <= 0 ? 0 : 1)
    }

    private func lostLine() -> [UInt8] {
        guard lost > 0, let notice else { return [] }
        return Array((notice(lost) + "\n").utf8)
    }

    private static let lineEnd = UInt8(ascii: "\n")

    private static func count(_ lines: ArraySlice<UInt8>) -> Int {
        lines.reduce(into: 0) { if $1 == lineEnd { $0 += 1 } }
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32, _ kind: Int32) -> Int {
        bytes.withUnsafeBytes { gatehouse_log_write(descriptor, kind, $0.baseAddress, $0.count) }
    }
}
