import CGatehouseSystem
import GatehousePlan
import GatehouseServer
import GatehouseSystem
import Glibc

/// What happens to a running worker from outside its requests.
enum WorkerEvent: Sendable, Equatable {
    /// From the supervisor: on the control channel, or as SIGTERM and SIGQUIT (drain) and SIGINT (end). That the channel
    /// has ended is an order too: a worker whose supervisor died must not outlive it as an orphan that nobody can
    /// reload.
    case ordered(WorkerOrder)
    /// A module's service has ended, so the module cannot do its work. From the worker itself.
    case serviceEnded

    /// Every event from now on.
    static func stream(
        control: ControlChannel
    ) throws(SystemError) -> (events: AsyncStream<WorkerEvent>, give: @Sendable (WorkerEvent) -> Void) {
        let (stream, continuation) = AsyncStream.makeStream(of: WorkerEvent.self)
        // By handlers of our own: what takes signals by blocking or ignoring them hands that on to whatever program a
        // module starts, which SIGTERM then does not end.
        let numbers = [SIGTERM, SIGQUIT, SIGINT]
        let signals = gatehouse_catch_signals(numbers, Int32(numbers.count))
        guard signals >= 0 else { throw SystemError("signals") }
        try PlainThread.run {
            var number: UInt8 = 0
            while true {
                let count = read(signals, &number, 1)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                continuation.yield(.ordered(Int32(number) == SIGINT ? .end : .drain(handsOver: false)))
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
