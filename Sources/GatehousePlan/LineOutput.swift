internal import CGatehouseSystem
internal import Glibc

/// Whole lines on their way to a log. Nothing here waits for whoever reads it: what finds no room is kept, up to a
/// limit, and what is lost is counted.
package struct LineOutput: Sendable {
    package private(set) var descriptor: Int32
    private var kind: Int32
    private let capacity: Int
    /// Says in the log itself how many lines are missing at that place.
    private let notice: (@Sendable (Int) -> String)?
    private var unsent: [UInt8] = []
    /// Lines that the log has missed and that have not been spoken of.
    package private(set) var lost = 0

    /// - Parameters:
    ///   - descriptor: closed by whoever has opened it.
    ///   - capacity: bytes that are kept while there is no room; of a line that has begun to leave, the rest always is.
    ///   - notice: a line without its end. `nil`: whoever calls asks for `takeLost()`.
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

    /// How many lines are missing, which is nobody else's to say then.
    package mutating func takeLost() -> Int {
        defer { lost = 0 }
        return lost
    }

    /// Gives up what waits: it counts as lost.
    package mutating func giveUp() {
        lost += Self.count(unsent[...])
        unsent = []
    }

    /// Whole lines, each with its end.
    /// - Returns: the number of the error by which something was lost, other than for want of room.
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

    /// Writes what there is room for of what waits.
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

    /// When nothing waits: the lines, after what is to be said of lost ones.
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
    ///   - missing: how much of the rest, at its start, speaks of lost lines.
    private mutating func keep(_ rest: ArraySlice<UInt8>, begun: Bool, missing: Int) {
        var end = rest.endIndex
        if rest.count > capacity {
            end = begun ? rest.firstIndex(of: Self.lineEnd).map { $0 + 1 } ?? rest.endIndex : rest.startIndex
        }
        // What speaks of them has left, or waits.
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
