package import CGatehouseSystem

/// What this worker tells of itself in memory: see `gatehouse_scoreboard.h`. Each loop writes its own part through its
/// ``LoopRecorder``; what is read here may be read from any thread.
package final class Scoreboard: @unchecked Sendable {
    package let board: UnsafeMutablePointer<gatehouse_scoreboard>
    package let loopCount: Int

    /// - Parameters:
    ///   - descriptor: the supervisor's; where there is none, the memory is private.
    ///   - loops: how many loops share the slots. Those beyond what the board has room for are not told.
    /// - Throws: where the memory cannot be mapped.
    package init(descriptor: Int32? = nil, loops: Int) throws(SystemError) {
        let memory = descriptor.map { gatehouse_scoreboard_map($0, 1) } ?? gatehouse_scoreboard_private()
        guard let memory else { throw SystemError("mapping the scoreboard") }
        board = memory
        loopCount = min(max(1, loops), Int(GATEHOUSE_SCOREBOARD_LOOPS))
        gatehouse_board_open(board, Int32(loopCount))
    }

    // Never unmapped: the crash handler may look at it for as long as the process lives.

    /// What the loop with this index writes to; `nil` where the board has no room for it.
    package func recorder(loop index: Int) -> LoopRecorder? {
        guard index < loopCount else { return nil }
        let share = Int(GATEHOUSE_SCOREBOARD_SLOTS) / loopCount
        return LoopRecorder(board: board, loop: index, slots: index * share..<(index + 1) * share)
    }

    func cell(_ index: Int) -> UnsafeMutablePointer<gatehouse_loop_cell> {
        gatehouse_board_loop(board, Int32(index))
    }

    /// The request of a slot; `nil` where it has none at this moment.
    package func request(slot: Int32) -> RecordedRequest? {
        var copy = gatehouse_slot()
        guard gatehouse_slot_read(board, slot, &copy) != 0 else { return nil }
        return RecordedRequest(copy)
    }
}
