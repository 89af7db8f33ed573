/// Elements with a deadline each, the one that is due first in front: a binary heap.
struct DeadlineHeap<Element> {
    private struct Entry {
        var deadline: Int64
        /// Orders elements with the same deadline: first come, first served.
        var number: UInt64
        var element: Element

        func isBefore(_ other: Entry) -> Bool {
            deadline != other.deadline ? deadline < other.deadline : number < other.number
        }
    }

    private var heap: [Entry] = []
    private var number: UInt64 = 0

    var firstDeadline: Int64? { heap.first?.deadline }

    var count: Int { heap.count }

    mutating func add(_ element: Element, deadline: Int64) {
        number += 1
        heap.append(Entry(deadline: deadline, number: number, element: element))
        var child = heap.count - 1
        while child > 0, heap[child].isBefore(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Takes out the next element whose time has come; `nil` if there is none.
    mutating func takeDue(now: Int64) -> Element? {
        guard let first = heap.first, first.deadline <= now else { return nil }
        return takeFirst()?.element
    }

    /// Takes out the first element, whether its time has come or not.
    mutating func takeAny() -> Element? {
        takeFirst()?.element
    }

    /// Throws out the elements that are not wanted any more.
    mutating func removeAll(where isUnwanted: (Element) -> Bool) {
        let kept = heap.filter { !isUnwanted($0.element) }.sorted { $0.isBefore($1) }
        // A sorted array is a heap.
        heap = kept
    }

    private mutating func takeFirst() -> Entry? {
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
