import CGatehouseSystem
import FoundationEssentials
import GatehousePlan
import GatehouseServer
import GatehouseSystem
import Glibc
import Synchronization

/// The worker's end of the control channel: reports to the supervisor, one JSON object a line, and its orders.
final class ControlChannel: Sendable {
    private let descriptor: Int32
    /// Reports come from several tasks, and lines must not mix.
    private let sending = Mutex(())

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    func send(_ report: WorkerReport) {
        guard var line = try? JSONEncoder().encode(report) else { return }
        line.append(UInt8(ascii: "\n"))
        sending.withLock { _ in
            // A failure means that the supervisor has gone, which the reader of the orders finds out too, and acts on.
            try? Descriptor.writeAll(line, to: descriptor)
        }
    }

    /// Waits for bytes of orders; `nil` if the supervisor has gone: its end of the channel is closed.
    func read() -> ArraySlice<UInt8>? {
        var chunk = [UInt8](repeating: 0, count: 4_096)
        let count = chunk.withUnsafeMutableBytes { buffer in try? Descriptor.read(descriptor, into: buffer) }
        guard let count, count > 0 else { return nil }
        return chunk[..<count]
    }
}

/// Turns the bytes of the control channel into orders. They come from the supervisor, which is trusted. A line that is
/// no order comes from a supervisor of another build; it is logged and ignored.
struct OrderReader {
    private var lines = LineFramer(longest: .max)

    mutating func receive(_ bytes: some Sequence<UInt8>) { lines.receive(bytes) }

    /// The next order; `nil` means that more bytes are needed.
    mutating func next() -> WorkerOrder? {
        while let line = lines.next() {
            if let order = try? JSONDecoder().decode(WorkerOrder.self, from: Data(line.bytes)) { return order }
            let text = String(decoding: line.bytes.prefix(200), as: UTF8.self).printable()
            LogSink.standardError.write(
                "gatehouse-worker: an order is not understood, gatehouse and gatehouse-worker are of different "
                    + "builds: \(text)")
        }
        return nil
    }
}

/// An event that comes to a running worker beside its requests.
enum WorkerEvent: Sendable, Equatable {
    /// From the supervisor: on the control channel, or as SIGTERM and SIGQUIT (drain) and SIGINT (end). The end of the
    /// channel is an order to drain too: a worker must not outlive its supervisor as an orphan that nobody can reload.
    case ordered(WorkerOrder)
    /// A module's service has ended, so the module cannot do its work. Sent by the worker itself.
    case serviceEnded

    /// Every event from now on, and a function that adds one.
    static func stream(
        control: ControlChannel
    ) throws(SystemError) -> (events: AsyncStream<WorkerEvent>, give: @Sendable (WorkerEvent) -> Void) {
        let (stream, continuation) = AsyncStream.makeStream(of: WorkerEvent.self)
        // Handlers of our own, because a blocked or an ignored signal stays so in every program that a module starts,
        // and SIGTERM would not end that program.
        let numbers = [SIGTERM, SIGQUIT, SIGINT]
        let signals = gatehouse_catch_signals(numbers, Int32(numbers.count))
        guard signals >= 0 else { throw SystemError("signals") }
        try PlainThread.run {
            var number: UInt8 = 0
            while retryingOnInterruption({ read(signals, &number, 1) }) > 0 {
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
