/// An action that a loop will run once, after a delay: see ``HandlerLoop/after(_:_:)``. On the loop only.
public final class LoopTimer {
    private var action: (() -> Void)?
    private weak var timers: LoopTimers?

    fileprivate init(_ timers: LoopTimers, _ action: @escaping () -> Void) {
        self.timers = timers
        self.action = action
    }

    /// Has the action not run, and lets go of what it holds. Does nothing if it has run.
    public func cancel() {
        guard action != nil else { return }
        action = nil
        timers?.cancelled()
    }

    fileprivate var isCancelled: Bool { action == nil }

    fileprivate func fire() {
        guard let action else { return }
        self.action = nil
        action()
    }
}

/// The timers of one loop. A timer that was cancelled stays until its time, or until there are more of these than of
/// the others.
final class LoopTimers {
    private var heap = DeadlineHeap<LoopTimer>()
    private var cancelledCount = 0

    /// So many cancelled timers are no reason yet to look at all.
    private static let fewCancelled = 64

    var firstDeadline: Int64? { heap.firstDeadline }

    func add(deadline: Int64, _ action: @escaping () -> Void) -> LoopTimer {
        let timer = LoopTimer(self, action)
        heap.add(timer, deadline: deadline)
        return timer
    }

    func cancelled() {
        cancelledCount += 1
        guard cancelledCount > Self.fewCancelled, cancelledCount > heap.count - cancelledCount else { return }
        heap.removeAll(where: \.isCancelled)
        cancelledCount = 0
    }

    /// Lets go of all, without running them.
    func removeAll() { heap.removeAll { _ in true } }

    func run(now: Int64) {
        while let timer = heap.takeDue(now: now) {
            if timer.isCancelled { cancelledCount -= 1 }
            timer.fire()
        }
    }
}
