internal import CGatehouseSystem
import GatehouseControl

/// Reads the scoreboard of a worker, while it lives and after it has died. Everything on it counts as hostile.
final class ScoreboardReader {
    /// The memory; its owner closes it.
    let descriptor: Int32
    private let board: UnsafeMutablePointer<gatehouse_scoreboard>

    /// `nil` if the operating system has no memory or descriptor left.
    init?(descriptor: Int32) {
        guard let board = gatehouse_scoreboard_map(descriptor, 0) else { return nil }
        self.descriptor = descriptor
        self.board = board
    }

    deinit { gatehouse_scoreboard_unmap(board) }

    /// Sums over the worker's event loops.
    struct Totals: Codable, Equatable {
        var requests = 0
        var accepted = 0
        var connections = 0
        var inFlight = 0
        var failures = 0
        var bodyBytes = 0
        var responseBytes = 0
        /// The time at which the event loop that has been busy for longest became so, in nanoseconds; 0 if all wait.
        var heldSince = 0

        /// Adds the counts of a worker that has ended.
        mutating func add(_ other: Totals) {
            requests &+= other.requests
            accepted &+= other.accepted
            failures &+= other.failures
            bodyBytes &+= other.bodyBytes
            responseBytes &+= other.responseBytes
        }
    }

    func totals() -> Totals {
        var totals = Totals()
        let count = min(Int(board.pointee.loop_count), Int(GATEHOUSE_SCOREBOARD_LOOPS))
        withUnsafeBytes(of: &board.pointee.loops) { bytes in
            for cell in bytes.bindMemory(to: gatehouse_loop_cell.self).prefix(count) {
                totals.requests &+= Int(truncatingIfNeeded: cell.requests)
                totals.accepted &+= Int(truncatingIfNeeded: cell.accepted)
                totals.connections &+= Int(cell.connections)
                totals.inFlight &+= Int(cell.in_flight)
                totals.failures &+= Int(truncatingIfNeeded: cell.failures)
                totals.bodyBytes &+= Int(truncatingIfNeeded: cell.body_bytes)
                totals.responseBytes &+= Int(truncatingIfNeeded: cell.response_bytes)
                let since = Int(cell.busy_since)
                if since > 0, totals.heldSince == 0 || since < totals.heldSince { totals.heldSince = since }
            }
        }
        return totals
    }

    /// The number of the last probe that the worker has answered; 0 for none.
    var answeredProbe: Int { Int(truncatingIfNeeded: board.pointee.answered_probe) }

    /// - Parameter now: nanoseconds of the monotonic clock.
    func requestsInFlight(now: Int) -> [RequestStatus] {
        (0..<Int32(GATEHOUSE_SCOREBOARD_SLOTS)).compactMap { request(at: $0, now: now) }
    }

    /// The crash that the crash handler noted; `nil` if there was none.
    func crash(now: Int) -> (signal: Int32, thread: Int32, request: RequestStatus?)? {
        let (signal, thread, slot) = (board.pointee.crash_signal, board.pointee.crash_thread, board.pointee.crash_slot)
        guard signal > 0 else { return nil }
        return (signal, thread, slot < 0 ? nil : request(at: slot, now: now))
    }

    private func request(at index: Int32, now: Int) -> RequestStatus? {
        var slot = gatehouse_slot()
        guard gatehouse_slot_read(board, index, &slot) != 0 else { return nil }
        let state = slot.state == UInt32(GATEHOUSE_SLOT_RESPONDING) ? "responding" : "handling"
        return RequestStatus(
            id: Self.text(&slot.id, Int(slot.id_length)), method: Self.text(&slot.method, Int(slot.method_length)),
            path: Self.text(&slot.path, Int(slot.path_length)),
            module: Self.text(&slot.module, Int(slot.module_length)), state: state,
            duration: max(0, (now &- Int(slot.began)) / 1_000_000), bodyBytes: Int(truncatingIfNeeded: slot.body_bytes),
            responseBytes: Int(truncatingIfNeeded: slot.response_bytes))
    }

    private static func text<Tuple>(_ field: inout Tuple, _ length: Int) -> String {
        withUnsafeBytes(of: &field) { printable(String(decoding: $0.prefix(length), as: UTF8.self)) }
    }
}
