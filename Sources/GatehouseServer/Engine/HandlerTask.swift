import HummingbirdCore

/// A request that is ready for its handler.
struct HandlerCall {
    let engine: ConnectionEngine
    let httpRequest: Request
    let request: RequestReference
}

/// A task that runs handlers, one request after the other.
///
/// To make a task, give it memory and take it apart again costs as much as to decode a request. So a task whose handler
/// has ended waits for the next request of its loop, unless it was cancelled, which is for ever. There are as many as
/// handlers have been waiting at a time, and none on a loop without connections.
///
/// Confined to its loop's thread, on which a task's code is whenever it is not within a handler; hence `@unchecked`.
final class HandlerTask: @unchecked Sendable {
    private let loop: LoopContext
    /// Of this task alone, because it tells whose request the task serves.
    private let executor: LoopExecutor
    private var call: HandlerCall?
    private var waiter: UnsafeContinuation<Void, Never>?
    private var task: Task<Void, Never>?
    private var isCancelled = false

    init(loop: LoopContext) {
        self.loop = loop
        executor = loop.makeExecutor()
    }

    /// Runs the handler until it suspends or ends. The caller is on the loop.
    func run(_ call: consuming HandlerCall) {
        executor.slot = call.request.value.slot
        self.call = call
        if let waiter {
            self.waiter = nil
            return executor.runNow { waiter.resume() }
        }
        executor.withCurrentSlot {
            task = Task.immediate(executorPreference: executor) { [self] in await serveCalls() }
        }
        // Cancelled before the task was known here.
        if isCancelled { task?.cancel() }
    }

    private func serveCalls() async {
        while let call = takeCall() {
            // Consumed, so that nothing of it is left while the task waits.
            await call.engine.serve(consume call)
            guard loop.poll.isCurrent, !isCancelled, loop.wantsIdleTasks else { return }
            await withUnsafeContinuation { continuation in
                waiter = continuation
                loop.keepIdle(self)
            }
        }
    }

    private func takeCall() -> HandlerCall? {
        defer { call = nil }
        return call
    }

    /// Cancels the handler that runs now.
    func cancel() {
        isCancelled = true
        task?.cancel()
    }

    /// Ends the task, which waits.
    func end() {
        executor.slot = -1
        waiter?.resume()
        waiter = nil
    }
}
