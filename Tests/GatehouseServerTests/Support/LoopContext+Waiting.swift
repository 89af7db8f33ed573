import GatehouseServer

extension LoopContext {
    /// Returns when no handler runs; connections may be there.
    func whenNoHandlerRuns() async {
        while await running() > 0 { await Task.yield() }
    }

    private func running() async -> Int {
        await withCheckedContinuation { continuation in
            poll.execute { continuation.resume(returning: self.tasksInFlight) }
        }
    }
}
