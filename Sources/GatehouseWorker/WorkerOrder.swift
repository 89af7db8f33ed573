import GatehouseServer
import UnixSignals

/// What the supervisor's side asks of a running worker.
enum WorkerOrder: Sendable {
    /// Take nothing new, finish what is in flight, leave. SIGTERM, and the supervisor's side being gone.
    case drain
    /// Leave now. SIGINT.
    case end
    /// A module's service has ended, so the module cannot do its work. From the worker itself.
    case fail

    /// Every order from now on.
    static func stream(
        control: ControlChannel
    ) throws(SystemError) -> (orders: AsyncStream<WorkerOrder>, give: @Sendable (WorkerOrder) -> Void) {
        let (stream, continuation) = AsyncStream.makeStream(of: WorkerOrder.self)
        Task.detached {
            for await number in await UnixSignalsSequence(trapping: .sigterm, .sigint) {
                continuation.yield(number == .sigterm ? .drain : .end)
            }
        }
        // A worker whose supervisor died must not outlive it as an orphan that nobody can reload.
        try PlainThread.run {
            control.waitForEnd()
            continuation.yield(.drain)
        }
        return (stream, { continuation.yield($0) })
    }
}
