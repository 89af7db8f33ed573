import Synchronization

/// How many requests a worker takes before it says that it has had enough, on all its loops together.
package final class RequestBudget: Sendable {
    private let left: Atomic<Int>
    private let whenSpent: @Sendable () -> Void

    /// - Parameter whenSpent: called once, on the loop of the request that was the last; the worker goes on with what
    ///   still comes.
    package init(_ count: Int, whenSpent: @escaping @Sendable () -> Void) {
        left = Atomic(count)
        self.whenSpent = whenSpent
    }

    func spend() {
        if left.wrappingSubtract(1, ordering: .relaxed).newValue == 0 { whenSpent() }
    }
}
