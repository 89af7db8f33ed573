import HummingbirdCore

/// A request that is ready for its handler.
struct HandlerCall {
    let engine: ConnectionEngine
    let httpRequest: Request
    let request: RequestReference
}

/// A task that runs handlers, one request after the other.
///
/// Making a task, giving it memory and taking it apart costs as much as decoding a request. So a task whose handler has
/// ended waits for the next request of its loop, unless it was cancelled, which cannot be undone. The pool of them
/// grows to the peak number of suspended handlers and is emptied when the loop rests without connections.
///
/// Confined to its loop's thread, on which a task's code runs except within a handler; hence `@unchecked`.
final class HandlerTask: @unchecked Sendable {
    private let loop: LoopContext
    /// This task's own, because it marks the slot of the request that the task serves.
    private let executor: LoopExecutor
    /// Memory for the next call, which is there if `hasCall`. An optional would move its eighty bytes three times more.
    private let place = UnsafeMutablePointer<HandlerCall>.allocate(capacity: 1)
    private var hasCall = false
    private var waiter: UnsafeContinuation<Void, Never>?
    private var task: Task<Void, Never>?
    private var isCancelled = false

    init(loop: LoopContext) {
        self.loop = loop
        executor = loop.makeExecutor()
    }

    deinit {
        if hasCall { place.deinitialize(count: 1) }
        place.deallocate()
    }

    /// Runs the handler until it suspends or ends.
    func run(_ call: consuming HandlerCall) {
        executor.slot = call.request.value.slot
        place.initialize(to: call)
        hasCall = true
        if let waiter {
            self.waiter = nil
            return executor.runNow { waiter.resume() }
        }
        executor.withCurrentSlot {
            task = Task.immediate(executorPreference: executor) { [self] in await serveCalls() }
        }
        // The handler may have been cancelled before the task was known here.
        if isCancelled { task?.cancel() }
    }

    private func serveCalls() async {
        while hasCall {
            hasCall = false
            let call = place.move()
            // Consumed, so that the waiting task holds nothing of it.
            await call.engine.serve(consume call)
            guard loop.poll.isCurrent, !isCancelled, loop.wantsIdleTasks else { return }
            await withUnsafeContinuation { continuation in
                waiter = continuation
                loop.keepIdle(self)
            }
        }
    }

    /// Cancels the running handler.
    func cancel() {
        isCancelled = true
        task?.cancel()
    }

    /// Ends the task, which is waiting.
    func end() {
        executor.slot = -1
        waiter?.resume()
        waiter = nil
    }
}
