import Synchronization

/// The requests that a worker may still take, on all its loops together. It reports when a half, a quarter, an eighth
/// and none of them are left, so that the successor can be ready in time.
package final class RequestBudget: Sendable {
    private let left: Atomic<Int>
    /// The number of requests left at the next report.
    private let mark: Atomic<Int>
    private let count: Int
    private let report: @Sendable (_ left: Int) -> Void

    /// - Parameter report: called on the loop of the request that reached the mark. Requests after the last one are
    ///   served all the same.
    package init(_ count: Int, report: @escaping @Sendable (_ left: Int) -> Void) {
        left = Atomic(count)
        mark = Atomic(count / 2)
        self.count = count
        self.report = report
    }

    func spend() {
        let now = left.wrappingSubtract(1, ordering: .relaxed).newValue
        guard now == mark.load(ordering: .relaxed) else { return }
        mark.store(now > count / 8 ? now / 2 : 0, ordering: .relaxed)
        // A faster loop may have passed the next mark already: the last report counts for all.
        report(now)
    }
}
