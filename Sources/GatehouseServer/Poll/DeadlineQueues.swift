/// Tasks that sleep on a loop, the one to wake first in front: a binary heap.
struct SleepQueue {
    private struct Sleeper {
        var deadline: Int64
        /// Orders sleepers with the same deadline: they wake in the order in which they fell asleep.
        var number: UInt64
        var job: UnownedJob

        func isBefore(_ other: Sleeper) -> Bool {
            deadline != other.deadline ? deadline < other.deadline : number < other.number
        }
    }

    private var heap: [Sleeper] = []
    private var number: UInt64 = 0

    var firstDeadline: Int64? { heap.first?.deadline }

    mutating func add(_ job: UnownedJob, deadline: Int64) {
        number += 1
        heap.append(Sleeper(deadline: deadline, number: number, job: job))
        var child = heap.count - 1
        while child > 0, heap[child].isBefore(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Takes out the next job whose time has come; `nil` if there is none.
    mutating func takeDue(now: Int64) -> UnownedJob? {
        guard let first = heap.first, first.deadline <= now else { return nil }
        return takeFirst()?.job
    }

    /// Takes out the first job, whether its time has come or not.
    mutating func takeAny() -> UnownedJob? {
        takeFirst()?.job
    }

    private mutating func takeFirst() -> Sleeper? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return first }
        heap[0] = last
        var parent = 0
        while true {
            let left = 2 * parent + 1
            guard left < heap.count else { return first }
            let right = left + 1
            let child = right < heap.count && heap[right].isBefore(heap[left]) ? right : left
            guard heap[child].isBefore(heap[parent]) else { return first }
            heap.swapAt(child, parent)
            parent = child
        }
    }
}

/// Actions that a loop runs after a delay: a few at most, so a sorted array will do.
struct TimerQueue {
    private struct Entry {
        var deadline: Int64
        var action: () -> Void
    }

    /// The entries; the last is due first.
    private var entries: [Entry] = []

    var firstDeadline: Int64? { entries.last?.deadline }

    mutating func add(_ action: @escaping () -> Void, deadline: Int64) {
        let index = entries.firstIndex { $0.deadline <= deadline } ?? entries.endIndex
        entries.insert(Entry(deadline: deadline, action: action), at: index)
    }

    /// Takes out the next action whose time has come; `nil` if there is none.
    mutating func takeDue(now: Int64) -> (() -> Void)? {
        guard let first = entries.last, first.deadline <= now else { return nil }
        entries.removeLast()
        return first.action
    }
}
