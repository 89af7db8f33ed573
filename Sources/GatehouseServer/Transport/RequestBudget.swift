import Synchronization

/// How many requests a worker may still take, on all its loops together. It says so when half, a quarter and an eighth
/// of them are left, so that its successor can be ready with the last one, and when none is.
package final class RequestBudget: Sendable {
    private let left: Atomic<Int>
    /// How many are left when it is said the next time.
    private let mark: Atomic<Int>
    private let count: Int
    private let say: @Sendable (_ left: Int) -> Void

    /// - Parameter say: called on the loop of the request that was the last but so many. What comes after the last is
    ///   served all the same.
    package init(_ count: Int, say: @escaping @Sendable (_ left: Int) -> Void) {
        left = Atomic(count)
        mark = Atomic(count / 2)
        self.count = count
        self.say = say
    }

    func spend() {
        let now = left.wrappingSubtract(1, ordering: .relaxed).newValue
        guard now == mark.load(ordering: .relaxed) else { return }
        mark.store(now > count / 8 ? now / 2 : 0, ordering: .relaxed)
        // A loop that was faster may be past the next mark: the last one counts for all.
        say(now)
    }
}
