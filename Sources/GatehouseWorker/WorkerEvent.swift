import GatehousePlan
import GatehouseServer
import UnixSignals

/// What happens to a running worker from outside its requests.
enum WorkerEvent: Sendable, Equatable {
    /// From the supervisor: on the control channel, or as SIGTERM (drain) and SIGINT (end). That the channel has ended
    /// is an order too: a worker whose supervisor died must not outlive it as an orphan that nobody can reload.
    case ordered(WorkerOrder)
    /// A module's service has ended, so the module cannot do its work. From the worker itself.
    case serviceEnded

    /// Every event from now on.
    static func stream(
        control: ControlChannel
    ) throws(SystemError) -> (events: AsyncStream<WorkerEvent>, give: @Sendable (WorkerEvent) -> Void) {
        let (stream, continuation) = AsyncStream.makeStream(of: WorkerEvent.self)
        Task.detached {
            for await number in await UnixSignalsSequence(trapping: .sigterm, .sigint) {
                continuation.yield(.ordered(number == .sigterm ? .drain(handsOver: false) : .end))
            }
        }
        try PlainThread.run {
            var orders = OrderReader()
            while let bytes = control.read() {
                orders.receive(bytes)
                while let order = orders.next() { continuation.yield(.ordered(order)) }
            }
            continuation.yield(.ordered(.drain(handsOver: false)))
        }
        return (stream, { continuation.yield($0) })
    }
}
