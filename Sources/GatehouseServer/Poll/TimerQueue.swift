/// What a loop is to do in a while: a few entries at most, so a sorted array will do.
struct TimerQueue {
    private struct Entry {
        var deadline: Int64
        var action: () -> Void
    }

    /// The last is due first.
    private var entries: [Entry] = []

    var firstDeadline: Int64? { entries.last?.deadline }

    mutating func add(_ action: @escaping () -> Void, deadline: Int64) {
        let index = entries.firstIndex { $0.deadline <= deadline } ?? entries.endIndex
        entries.insert(Entry(deadline: deadline, action: action), at: index)
    }

    /// The next one whose time has come, taken out; `nil` where there is none.
    mutating func takeDue(now: Int64) -> (() -> Void)? {
        guard let first = entries.last, first.deadline <= now else { return nil }
        entries.removeLast()
        return first.action
    }
}
