import FoundationEssentials
import GatehousePlan
import GatehouseServer

/// Turns the bytes of the control channel into orders. They come from the supervisor, which is trusted; a line that is
/// no order comes from a supervisor of another build, and what it wanted is not known, so it is said and passed over.
struct OrderReader {
    private var pending: [UInt8] = []

    mutating func receive(_ bytes: some Sequence<UInt8>) {
        pending.append(contentsOf: bytes)
    }

    /// The next order; `nil` means that more bytes are needed.
    mutating func next() -> WorkerOrder? {
        while let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
            let line = Data(pending[..<end])
            pending.removeSubrange(...end)
            do {
                return try JSONDecoder().decode(WorkerOrder.self, from: line)
            } catch {
                let text = String(decoding: line.prefix(200), as: UTF8.self).printable()
                LogSink.standardError.write(
                    "gatehouse-worker: an order is not understood, gatehouse and gatehouse-worker are of different "
                        + "builds: \(text)")
            }
        }
        return nil
    }
}
