import GatehouseServer

extension LoopContext {
    /// Returns when no handler runs; connections may be there.
    func whenNoHandlerRuns() async { await whenHandlers(are: 0) }

    /// Returns when so many handlers run.
    func whenHandlers(are count: Int) async {
        while await running() != count { await Task.yield() }
    }

    private func running() async -> Int {
        await withCheckedContinuation { continuation in
            poll.execute { continuation.resume(returning: self.tasksInFlight) }
        }
    }
}
