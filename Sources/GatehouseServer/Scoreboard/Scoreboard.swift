package import CGatehouseSystem
package import GatehouseSystem

/// This worker's scoreboard, the memory in which it shows what it does: see `gatehouse_scoreboard.h`. Each loop writes
/// its own part through its ``LoopRecorder``; any thread may read.
package final class Scoreboard: @unchecked Sendable {
    package let board: UnsafeMutablePointer<gatehouse_scoreboard>
    package let loopCount: Int
    /// Whether the loops that write to it have something to do.
    let activity: LoopActivity

    /// - Parameters:
    ///   - descriptor: the supervisor's file; if `nil`, the memory is private.
    ///   - loops: how many loops share the slots. Loops for which the board has no room are not recorded.
    /// - Throws: if the memory cannot be mapped.
    package init(descriptor: Int32? = nil, loops: Int) throws(SystemError) {
        let memory = descriptor.map { gatehouse_scoreboard_map($0, 1) } ?? gatehouse_scoreboard_private()
        guard let memory else { throw SystemError("mapping the scoreboard") }
        board = memory
        activity = try LoopActivity()
        loopCount = min(max(1, loops), Int(GATEHOUSE_SCOREBOARD_LOOPS))
        gatehouse_board_open(board, Int32(loopCount))
    }

    // Never unmapped: the crash handler may look at it for as long as the process lives.

    /// The part of the loop with this index; `nil` if the board has no room for it.
    package func recorder(loop index: Int) -> LoopRecorder? {
        guard index < loopCount else { return nil }
        let share = Int(GATEHOUSE_SCOREBOARD_SLOTS) / loopCount
        return LoopRecorder(board: board, loop: index, slots: index * share..<(index + 1) * share, activity: activity)
    }

    func cell(_ index: Int) -> UnsafeMutablePointer<gatehouse_loop_cell> {
        gatehouse_board_loop(board, Int32(index))
    }

    /// Shows that all loops have answered a probe.
    package func answered(probe number: Int) {
        gatehouse_board_set_probe(board, UInt64(truncatingIfNeeded: number))
    }

    /// The request of a slot; `nil` if it has none at this moment.
    package func request(slot: Int32) -> RecordedRequest? {
        var copy = gatehouse_slot()
        guard gatehouse_slot_read(board, slot, &copy) != 0 else { return nil }
        return RecordedRequest(copy)
    }
}

/// A request as a slot of the scoreboard shows it.
package struct RecordedRequest: Equatable, Sendable {
    package var id: String
    package var method: String
    package var path: String
    package var module: String
    /// Nanoseconds of the monotonic clock.
    package var began: Int64
    package var bodyBytes: UInt64
    package var responseBytes: UInt64
    /// Whether the response has begun.
    package var isResponding: Bool

    init(_ slot: gatehouse_slot) {
        func text<Field>(_ field: Field, _ length: some BinaryInteger) -> String {
            withUnsafeBytes(of: field) { String(decoding: $0.prefix(Int(length)), as: UTF8.self) }
        }
        id = text(slot.id, slot.id_length)
        method = text(slot.method, slot.method_length)
        path = text(slot.path, slot.path_length)
        module = text(slot.module, slot.module_length)
        began = slot.began
        bodyBytes = slot.body_bytes
        responseBytes = slot.response_bytes
        isResponding = slot.state == GATEHOUSE_SLOT_RESPONDING
    }
}
